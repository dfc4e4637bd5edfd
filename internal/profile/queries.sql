-- name: EachCustomerKey :many
-- The whole dictionary, read once at the start of an import so that each line resolves in memory.
SELECT key, id FROM profile_customer;

-- name: InsertCustomer :exec
-- Written before the warehouse commits; taken back if it never does.
INSERT INTO profile_customer (key, id, name, email, phone, import_id, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: DeleteImportCustomers :exec
-- Undoes InsertCustomer for an import that did not commit.
DELETE FROM profile_customer WHERE import_id = $1;

-- name: FindCustomer :one
-- The page of one customer.
SELECT key, id, name, email, phone FROM profile_customer WHERE id = $1;
