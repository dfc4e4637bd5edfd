// Package columns reads answers of DuckDB column by column, as the engine holds them: a row costs nanoseconds, where the
// driver's rows cost a fraction of a microsecond, and an answer need not lie whole in memory.
package columns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/dangol/dangol/internal/query/rule/pass"
)

// Read asks on a connection, inside of its transaction where it has one.
func Read(ctx context.Context, conn *sql.Conn, text string, args []any, take func(*pass.Block) error) error {
	return conn.Raw(func(raw any) error {
		handle, err := native(raw)
		if err != nil {
			return err
		}
		return read(ctx, handle, text, args, take)
	})
}

// native is the engine's own connection, which the driver does not give away.
func native(raw any) (c bindings.Connection, err error) {
	v := reflect.ValueOf(raw)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		if f := v.Elem().FieldByName("conn"); f.IsValid() && f.Type() == reflect.TypeOf(c) {
			c.Ptr = f.FieldByName("Ptr").UnsafePointer()
		}
	}
	if c.Ptr == nil {
		return c, errors.New("read blocks: the driver's connection is not as it was")
	}
	return c, nil
}

func read(ctx context.Context, conn bindings.Connection, text string, args []any, take func(*pass.Block) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var stmt bindings.PreparedStatement
	defer bindings.DestroyPrepare(&stmt)
	if bindings.Prepare(conn, text, &stmt) == bindings.StateError {
		return fmt.Errorf("read blocks: %s", bindings.PrepareError(stmt))
	}
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			return fmt.Errorf("read blocks: argument %d is a %T", i+1, a)
		}
		if bindings.BindVarcharLength(stmt, bindings.IdxT(i+1), s, bindings.IdxT(len(s))) == bindings.StateError {
			return fmt.Errorf("read blocks: argument %d cannot be bound", i+1)
		}
	}
	stop := context.AfterFunc(ctx, func() { bindings.Interrupt(conn) })
	defer stop()
	var res bindings.Result
	defer bindings.DestroyResult(&res)
	if bindings.ExecutePreparedStreaming(stmt, &res) == bindings.StateError { // the one way to an answer that does not lie whole in memory
		return errors.Join(errors.New("read blocks: the question failed"), failed(ctx, &res))
	}
	var b pass.Block
	for {
		chunk := bindings.FetchChunk(res)
		if chunk.Ptr == nil { // the end, or what went wrong
			return failed(ctx, &res)
		}
		n := int(bindings.DataChunkGetSize(chunk))
		err := ctx.Err()
		if n > 0 && err == nil {
			if err = fill(&b, chunk, &res, n); err == nil {
				err = take(&b)
			}
		}
		bindings.DestroyDataChunk(&chunk)
		if err != nil {
			return err
		}
	}
}

func failed(ctx context.Context, res *bindings.Result) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if text := bindings.ResultError(res); text != "" {
		return errors.New("read blocks: " + text)
	}
	return nil
}
