package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPersonalDataIsFound(t *testing.T) {
	column := func(header string, cells ...string) string {
		return "g," + header + "\n" + "a," + strings.Join(cells, "\nb,") + "\n"
	}
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"NHS numbers":                   {column("x", nhsNumber(1), nhsNumber(2), nhsNumber(3), nhsNumber(4), nhsNumber(5), nhsNumber(6)), []string{"pii.nhs_number"}},
		"one by its header":             {column("NHS number", "999 000 0018"), []string{"pii.nhs_number"}},
		"ten digits that are none":      {column("x", "9990000019", "9990000020", "9990000021", "9990000022", "9990000023", "9990000024", "9990000028"), []string{}},
		"addresses":                     {column("contact", "ann.lee@gmail.com", "bob@nhs.net", "c.d@ox.ac.uk"), []string{"pii.email"}},
		"examples of addresses":         {column("contact", "a@example.org", "b@example.com", "c@mail.example"), []string{}},
		"postcodes":                     {column("postcode", "SW1A 1AA", "M1 1AE"), []string{"pii.postcode_full"}},
		"districts":                     {column("postcode", "SW1A", "M1"), []string{}},
		"National Insurance numbers":    {column("x", "AB123456C", "CE 12 34 56 A"), []string{"pii.nino"}},
		"dates of birth":                {column("dob", "1970-01-02", "1981-12-30"), []string{"pii.dob"}},
		"dates of a series":             {"date,rate\n2020-01-01,0.1\n2020-02-01,0.2\n", []string{}},
		"names":                         {"surname,group\nSmith,a\nO'Neil,b\nMüller,c\n", []string{"pii.name_column"}},
		"contacts of people":            {"name,email,phone\nAnn Lee,ann.lee@gmail.com,07700 900123\n", []string{"pii.email", "pii.name_column"}},
		"names beside telephones":       {"name;tel\nAnn Lee;+44 20 7946 0018\nBob Ray;+44 20 7946 0019\n", []string{"pii.name_column"}},
		"addresses without names":       {"site,email\nleeds,ann.lee@gmail.com\n", []string{}},
		"names of things":               {"name,mean\nAge,4.5\nBody Mass Index,24.1\n", []string{}},
		"Dutch numbers by their header": {column("bsn", "111222333", "123456782"), []string{"pii.national_id"}},
		"Spanish numbers":               {column("dni", "12345678Z", "X1234567L"), []string{"pii.national_id"}},
		"numbers by a header alone":     {column("ssn", "123456789", "223456789", "323456789"), []string{"pii.national_id"}},
		"bank accounts":                 {column("x", "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"), []string{"pii.iban"}},
		"coordinates":                   {column("latitude", "51.50735", "52.20534", "50.37550", "51.45451", "53.48076"), []string{"pii.geo"}},
		"a number in a text":            {"The patient, NHS number 999 000 0018, was seen.\n", []string{"pii.nhs_number"}},
		"a number behind a comma":       {"The patient's NHS number, 9990000018\n", []string{"pii.nhs_number"}},
		"a number without a word":       {"The reference is 9990000018 in the list.\n", []string{}},
		"a National Insurance number":   {"His national insurance number is AB123456C, he said.\n", []string{"pii.nino"}},
		"one address in a text":         {"Write to team@uni.ac.uk for more.\n", []string{}},
		"a key":                         {"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n", []string{"secret.key"}},
		"a key of another kind":         {"-----BEGIN ANY PRIVATE KEY-----\nMIIB\n", []string{"secret.key"}},
		"a key of SSH.COM":              {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAi4AAAA3\n", []string{"secret.key"}},
		"a key of PuTTY":                {"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", []string{"secret.key"}},
		"a key for age":                 {"k = 'AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE'\n", []string{"secret.key"}},
		"a key in a program":            {"k = '-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG\\n'\n", []string{"secret.key"}},
		"a key by lines of a program":   {"k = ('-----BEGIN PRIVATE KEY-----\\n'\n  'MIIEvQIBADANBgkqhkiG\\n')\n", []string{"secret.key"}},
		"a key at the end":              {"-----BEGIN PRIVATE KEY-----", []string{"secret.key"}},
		"a manual about keys":           {"A key begins with '-----BEGIN PRIVATE KEY-----'.\n", []string{}},
		"a program about keys":          {"if text.startswith(\"-----BEGIN RSA PRIVATE KEY-----\"): read()\n", []string{}},
		"an example of a key":           {"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n", []string{}},
		"a token of several parts":      {"t = pat" + "aB3dE5fG7hI9jK." + strings.Repeat("0a1b2c3d4e5f6978", 4) + "\n", []string{"secret.token"}},
		"a public key":                  {"-----BEGIN PUBLIC KEY-----\nMIIB\n", []string{}},
		"a token":                       {"token = ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xYz\n", []string{"secret.token"}},
		"a token of the documentation":  {"key = AKIAIOSFODNN7EXAMPLE\n", []string{}},
		"the key of a storage account":  {"AccountName=a;AccountKey=" + strings.Repeat("aB3dE5fG7hI9jK1lM3nO5p", 4)[:86] + "==;x\n", []string{"secret.token"}},
		"a link with a signature":       {"https://a.blob.core.windows.net/c?sv=2022-11-02&se=2026-01-01&sig=" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xYz2a4b6c8d%3D\n", []string{"secret.token"}},
		"a signed token":                {"Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xYz2a4b6c8d\n", []string{"secret.token"}},
		"what an identifier ends with":  {"my_ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xYz\n", []string{}},
		"a column of texts": {people(40, "g,comment", func(i int) string {
			return fmt.Sprintf("a,\"patient %d was seen at the clinic and felt much better than before\"", i)
		}), []string{"pii.free_text", "sdc.row_level"}},
	} {
		file := "a.csv"
		if !strings.Contains(c.content, ",") || strings.Contains(c.content, " ") && !strings.Contains(c.content, "\nb,") && !strings.HasPrefix(c.content, "g,") {
			file = "a.txt"
		}
		require.Equal(t, c.want, sure(report(t, file, []byte(c.content))), name)
	}
}
