package fault_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/fault"
)

func TestRulesAreReadStrictly(t *testing.T) {
	for query, want := range map[string]string{
		"do=503":                               "",
		"do=503&n=3&retryafter=1":              "",
		"do=kill-after&nth=7":                  "",
		"do=kill-after&skip=7":                 "",
		"do=hold&for=2s&final=failed":          "",
		"op=PutBlob&match=a&by=people&do=drop": "",
		"":                                     "neither",
		"do=200":                               "neither",
		"do=explode":                           "neither",
		"do=hold":                              "needs for",
		"do=delay&for=soon":                    "for:",
		"do=drop&n=0":                          "positive",
		"do=drop&nth=x":                        "positive",
		"do=hold&for=1s&final=x":               "final",
		"do=drop&opp=PutBlob":                  "unknown name",
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, err = fault.ParseRule(values)
		if want == "" {
			require.NoError(t, err, query)
		} else {
			require.ErrorContains(t, err, want, query)
		}
	}
}

func TestASilentAnswerIsLoggedAsSuccess(t *testing.T) {
	f := &fault.Filter{}
	h := f.Handler("Publish", func(*http.Request) string { return "" }, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	require.Equal(t, http.StatusOK, f.Calls("", "", "")[0].Status)
}

func TestControl(t *testing.T) {
	f := &fault.Filter{}
	control := httptest.NewServer(f.Control())
	defer control.Close()
	service := httptest.NewServer(f.Handler("Publish", func(r *http.Request) string { return r.URL.Path }, http.NotFoundHandler()))
	defer service.Close()
	do := func(method, address string) (int, string) {
		req, err := http.NewRequest(method, address, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, ""
		}
		defer resp.Body.Close()
		var body json.RawMessage
		_ = json.NewDecoder(resp.Body).Decode(&body)
		return resp.StatusCode, string(body)
	}
	status, _ := do("POST", control.URL+"/faults?do=503&nth=2")
	require.Equal(t, http.StatusNoContent, status)
	status, _ = do("POST", control.URL+"/faults?do=drop&match=third")
	require.Equal(t, http.StatusNoContent, status)
	status, _ = do("POST", control.URL+"/faults?do=nonsense")
	require.Equal(t, http.StatusBadRequest, status)
	var answers []int
	for _, path := range []string{"/first", "/second", "/third", "/third"} {
		status, _ := do("POST", service.URL+path)
		answers = append(answers, status)
	}
	require.Equal(t, []int{404, 503, 0, 404}, answers)
	_, rules := do("GET", control.URL+"/faults")
	require.JSONEq(t, "[]", rules)
	_, text := do("GET", control.URL+"/calls?match=third")
	var log struct {
		Count int
		Calls []fault.Call
	}
	require.NoError(t, json.Unmarshal([]byte(text), &log))
	require.Equal(t, 4, log.Count)
	require.Len(t, log.Calls, 2)
	require.Equal(t, fault.Drop, log.Calls[0].Fault)
	require.Equal(t, []int{3, 4}, []int{log.Calls[0].N, log.Calls[1].N})

	_, _ = do("DELETE", control.URL+"/calls")
	_, _ = do("POST", control.URL+"/faults?do=503&skip=1&match=same")
	answers = nil
	for range 3 {
		status, _ := do("POST", service.URL+"/same")
		answers = append(answers, status)
	}
	require.Equal(t, []int{404, 503, 404}, answers, "the second of three")

	_, _ = do("POST", control.URL+"/faults?do=503")
	_, _ = do("DELETE", control.URL+"/faults")
	_, _ = do("DELETE", control.URL+"/calls")
	status, _ = do("POST", service.URL+"/x")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, 1, f.Count())
}
