package warehouse

import (
	"context"
	"database/sql"
	"fmt"
)

// Product is what is known of a product beside its orders.
type Product struct{ ID, Name, Category string }

// PutProducts keeps the names and categories of products; what is empty stays as it was. A product nobody ordered yet is kept
// for when somebody does.
func (w *Warehouse) PutProducts(ctx context.Context, products []Product) error {
	if len(products) == 0 {
		return nil
	}
	err := w.Bulk(ctx, func(conn *sql.Conn) error {
		if err := execAll(ctx, conn, "products", `CREATE OR REPLACE TEMP TABLE put_product (id VARCHAR, name VARCHAR, category VARCHAR, nth BIGINT)`); err != nil {
			return err
		}
		err := Append(conn, "put_product", func(add func(...any) error) error {
			for i, p := range products {
				if err := add(p.ID, p.Name, p.Category, int64(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.wares = nil // the newcomers' numbers are not in it
		return execAll(ctx, conn, "products",
			`CREATE OR REPLACE TEMP TABLE last_product AS SELECT id, arg_max(name, nth) AS name, arg_max(category, nth) AS category FROM put_product WHERE id <> '' GROUP BY id`,
			`UPDATE product SET name = CASE l.name WHEN '' THEN product.name ELSE l.name END, category = CASE l.category WHEN '' THEN product.category ELSE l.category END
				FROM last_product l WHERE product.id = l.id`,
			`INSERT INTO product SELECT (SELECT count(*) FROM product) + row_number() OVER (ORDER BY l.id), l.id, l.name, l.category FROM last_product l ANTI JOIN product p ON p.id = l.id`,
			`UPDATE meta SET value = value + 1 WHERE name = 'data_version'`,
		)
	})
	if err != nil {
		return fmt.Errorf("keep products: %w", err)
	}
	w.version.Add(1)
	return nil
}
