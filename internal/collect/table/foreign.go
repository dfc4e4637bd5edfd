package table

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

const (
	binaryBytes = 64 << 10 // looked at to tell text from what is none
	binaryShare = 20       // text has fewer control characters than one in so many
)

// foreign is the fault of a file that is no table at all, nil when it may be one: better to say so than to look for
// columns in a picture.
func foreign(head []byte, encoding, name string) error {
	what, next := kindOf(head, encoding)
	if what == "" {
		return nil
	}
	return fault.Newf(fault.Invalid, "collect.not_a_table", "This is %s, not a table of orders", what).At(fault.Place{File: name}).Then(next)
}

func kindOf(head []byte, encoding string) (what, next string) {
	const export = "Export the orders as CSV or Excel, and import that"
	mime := http.DetectContentType(head)
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return "a PDF", export
	case strings.HasPrefix(mime, "text/html"):
		return "a web page", "It is often saved in place of the file when a login has ended: sign in, and download the file again"
	case strings.HasPrefix(mime, "image/"):
		return "a picture", export
	case strings.HasPrefix(mime, "audio/"), strings.HasPrefix(mime, "video/"):
		return "sound or film", export
	case strings.HasPrefix(encoding, "utf-16"):
		return "", "" // every second byte is a zero
	}
	head = head[:min(binaryBytes, len(head))]
	control := 0
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1b {
			control++
		}
	}
	if control*binaryShare > len(head) {
		return "binary data", export
	}
	return "", ""
}

// archived is the fault of a zip archive that holds no workbook, nil for any other file.
func archived(path, name string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil // no whole archive: the reader of workbooks says what is wrong
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		if strings.EqualFold(f.Name, "xl/workbook.xml") {
			return nil
		}
	}
	return fault.New(fault.Invalid, "collect.not_a_table", "This is a zip archive, and no Excel workbook").At(fault.Place{File: name}).
		Then("Unpack it and import the files in it, or save it as .xlsx or CSV")
}
