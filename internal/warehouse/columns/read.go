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
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		bindings.Interrupt(conn)
	})
	defer func() {
		if !stop() {
			<-interrupted // the connection may be gone after this
		}
	}()
	var res bindings.Result
	defer bindings.DestroyResult(&res)
	if bindings.ExecutePreparedStreaming(stmt, &res) == bindings.StateError { // the one way to an answer that does not lie whole in memory
		return errors.Join(errors.New("read blocks: the question failed"), failed(ctx, &res))
	}
	return takeAll(ctx, &res, take)
}

// ahead is how many pieces of an answer the engine may be in front of the reader.
const ahead = 32

// takeAll hands an answer to take, piece by piece. The engine makes the next pieces beside, for it and the reader are about as slow as each other.
func takeAll(ctx context.Context, res *bindings.Result, take func(*pass.Block) error) error {
	chunks, enough := make(chan bindings.DataChunk, ahead), make(chan struct{})
	go func() {
		defer close(chunks)
		for {
			chunk := bindings.FetchChunk(*res)
			if chunk.Ptr == nil { // the end, or what went wrong
				return
			}
			select {
			case chunks <- chunk:
			case <-enough:
				bindings.DestroyDataChunk(&chunk)
				return
			}
		}
	}()
	defer func() { // the answer may go when nobody fetches of it any more
		close(enough)
		for chunk := range chunks {
			bindings.DestroyDataChunk(&chunk)
		}
	}()
	var b pass.Block
	for chunk := range chunks {
		n := int(bindings.DataChunkGetSize(chunk))
		err := ctx.Err()
		if n > 0 && err == nil {
			if err = fill(&b, chunk, res, n); err == nil {
				err = take(&b)
			}
		}
		bindings.DestroyDataChunk(&chunk)
		if err != nil {
			return err
		}
	}
	return failed(ctx, res)
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
