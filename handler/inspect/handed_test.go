package inspect_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Commands, requests and files of passwords hand secrets over without a name.
func TestSecretsThatAreHandedOverAreFound(t *testing.T) {
	const opaque = someKey + "." + letters40
	for name, text := range map[string]string{
		"curl":               "curl -s -u study:" + somePassword + " https://db.internal/x",
		"curl, address":      "!curl https://db.internal/x?a=1 -u 'study:" + somePassword + "'",
		"curl, joined":       "curl -ustudy:" + somePassword + " https://db.internal/x",
		"curl, long":         `curl --user "study:` + somePassword + `" https://db.internal/x`,
		"curl, proxy":        "curl --proxy-user=study:" + somePassword + " https://db.internal/x",
		"curl, lines":        "curl -X POST https://db.internal/x \\\n  -u study:" + somePassword + " \\\n  -d @a.json",
		"sshpass":            "sshpass -p '" + somePassword + "' scp a.csv me@host:",
		"sshpass, joined":    "sshpass -p" + somePassword + " ssh me@host",
		"MySQL":              "mysqldump -h db -u study -p" + somePassword + " study > a.sql",
		"SQL Server":         "sqlcmd -S db -U sa -P " + somePassword + " -Q 'select 1'",
		"share":              "smbclient //files/study -U me%" + somePassword,
		"registry":           "docker login -u me -p " + somePassword + " registry.internal",
		"cloud":              "az login --service-principal -u me -p " + somePassword,
		"bearer":             "Authorization: Bearer " + opaque,
		"bearer, small":      "curl -H 'authorization: bearer " + someKey + "' https://db.internal",
		"bearer, R":          `add_headers(Authorization = paste("Bearer ` + letters40 + `"))`,
		"scheme":             "Authorization: Token " + someKey,
		"scheme, Python":     `headers = {"Authorization": "token ` + someKey + `"}`,
		"netrc":              "machine db.internal login study password " + somePassword,
		"netrc, default":     "default login study password " + somePassword,
		"netrc, lines":       "machine db.internal\n  login study\n  password " + somePassword + "\n",
		"pgpass":             "db.internal:5432:study:me:" + somePassword,
		"pgpass, wild":       "# passwords\n*:*:*:me:" + somePassword + "\n",
		"pgpass, other port": "localhost:6432:*:me:" + somePassword,
	} {
		require.Contains(t, sure(report(t, "a.txt", []byte(text+"\n"))), "secret.token", name)
		line, err := json.Marshal(text + "\n")
		require.NoError(t, err)
		if name != "curl, lines" && name != "netrc, lines" && name != "pgpass, wild" { // a notebook has a text for each line
			require.Contains(t, sure(report(t, "a.json", []byte(`{"source": [`+string(line)+`]}`))), "secret.token", name)
		}
	}
}

// Manuals hand over words that stand for secrets, and much else looks like a command or a line of such a file.
func TestWhatIsHandedOverInManualsIsNoSecret(t *testing.T) {
	for _, text := range []string{
		"curl -u user:password https://host", "curl -u $USER:$PASS1 https://host", "curl -u <user>:<pass1> https://host", "curl -u user:${TOKEN12} x", "curl --user name:your-password1 x", "docker run --user 1000:1000 x", "  -u 1000:1000 \\",
		"sort -u a1:b2c3d4e5", "-url:value123abc", "sshpass -p password ssh host", "sshpass -p $PW1 ssh host", "sshpass -f file1.txt ssh host", "mysql -u root -p", "mysql -u root -ppassword", "mysql --port=3306 study2026", "mysql -h db-prod1.internal x",
		"docker run -p 8080:80 x", "az login --tenant 0", "Authorization: Bearer <token>", "Authorization: Bearer YOUR_ACCESS_TOKEN_1234", "Authorization: Bearer $TOKEN", "Bearer authentication-is-described-elsewhere", "bearer of the allele rs1234567 and others",
		"Authorization: token OAUTH-TOKEN", "the token 3f9c1e07b64d4a8f9b1d22c75e0a6f31", "machine learning with login and password fields", "machine host login user password secret123", "password Protected", "password  2026", "Password strength",
		"10:54:33:12:1234567", "12:54:01 a:b:c12345x", "host:5432:db:user:password1", "*:*:*:*:*", "a:5432:b", "::ffff:5432:ab:cd:1234567", "chr1:5432000:A:G:0.123456",
	} {
		require.NotContains(t, sure(report(t, "a.txt", []byte(text+"\n"))), "secret.token", text)
	}
}
