package signin

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// protect encrypts for the signed-in Windows user (DPAPI).
func protect(body []byte) ([]byte, error) {
	return dpapi(body, func(in, out *windows.DataBlob) error {
		return windows.CryptProtectData(in, nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, out)
	})
}

func unprotect(body []byte) ([]byte, error) {
	return dpapi(body, func(in, out *windows.DataBlob) error {
		return windows.CryptUnprotectData(in, nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, out)
	})
}

func dpapi(body []byte, do func(in, out *windows.DataBlob) error) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	var out windows.DataBlob
	if err := do(&windows.DataBlob{Size: uint32(len(body)), Data: &body[0]}, &out); err != nil { //nolint:gosec // a token cache has far less than 4 GiB
		return nil, err
	}
	defer func() { _, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data))) }() //nolint:gosec // Windows allocated it and wants it back
	return append([]byte(nil), unsafe.Slice(out.Data, out.Size)...), nil                  //nolint:gosec // as Windows returned it
}
