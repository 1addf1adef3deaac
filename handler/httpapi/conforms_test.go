package httpapi_test

import "net/http"
import "testing"

func conforms(t testing.TB, req *http.Request, a answer) {}
