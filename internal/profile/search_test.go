package profile

import (
	"database/sql"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to look into every table, whatever the room's queries are
)

// grepDatabase names the columns of a SQLite file that hold the text.
func grepDatabase(t *testing.T, path, text string) (found []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range column(t, db, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
		for _, c := range column(t, db, `SELECT name FROM pragma_table_info('`+table+`')`) {
			for _, value := range column(t, db, `SELECT CAST("`+c+`" AS TEXT) FROM "`+table+`"`) {
				if strings.Contains(value, text) {
					found = append(found, table+"."+c+" "+value)
				}
			}
		}
	}
	return found
}

func column(t *testing.T, db *sql.DB, query string) (values []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		values = append(values, v.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}
