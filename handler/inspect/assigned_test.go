package inspect_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// Made-up secrets, put together here so that no scanner of this repository takes them for real ones.
const (
	somePassword = "Zx82" + "kdmQ1w"
	someKey      = "3f9c1e07" + "b64d4a8f" + "9b1d22c7" + "5e0a6f31"
	letters40    = "q7Lw2Rk9Tz" + "aB4nVx8cMd" + "Yh3Jp6Gs5f" + "Eu1QoKi0Wt"
)

// Passwords have no form of their own: the place where they stand tells them.
func TestSecretsThatAreGivenToANameAreFound(t *testing.T) {
	for name, text := range map[string]string{
		"address of a database": "engine = create_engine('postgresql://study:" + somePassword + "@db.internal:5432/x')",
		"address without port":  "mongodb+srv://study:" + somePassword + "@cluster0.abcde.mongodb.net",
		"connection string":     "Driver={ODBC Driver 18};Server=x;Uid=sa;Pwd=" + somePassword + ";Encrypt=yes",
		"argument":              `con <- dbConnect(drv, user = "me", password = "` + somePassword + `")`,
		"settings":              "db:\n  passwd: " + somePassword + "\n",
		"environment":           "AZURE_OPENAI_API_KEY=" + someKey,
		"JSON":                  `{"subscription_key": "` + someKey + `"}`,
		"index":                 `os.environ["WANDB_API_KEY"] = "` + someKey + letters40[:8] + `"`,
		"AWS":                   "aws_secret_access_key = " + letters40,
		"REDCap":                `token <- "` + "9A3F0C17E25B4D688E91" + "B7C4D2F60A53" + `"`,
		"Entra":                 `client = "` + "a1b8Q~" + letters40[:34] + `"`,
		"Terraform":             letters40[:14] + ".atlasv1." + letters40 + letters40[:27],
		"Telegram":              "bot = 1234567890:AA" + letters40[:33],
		"request":               "Authorization: Basic YWRtaW46Wng4MmtkbVEx",
		"webhook":               "https://discord.com/api/webhooks/817263549187263549/" + letters40 + letters40[:28],
		"Groq":                  "gsk_" + letters40 + letters40[:12],
		"Twilio":                "SK" + someKey,
	} {
		require.Contains(t, sure(report(t, "a"+map[bool]string{true: ".json", false: ".txt"}[name == "JSON"], []byte(text+"\n"))), "secret.token", name)
	}
}

// Programs and manuals speak of passwords all the time.
func TestWhatStandsForASecretIsNone(t *testing.T) {
	for _, text := range []string{
		"password = getpass()", `password = "password123"`, `password = os.environ["PW1"]`, `password: "changeme1!"`, "password=${DB_PASSWORD_1}", "PASSWORD=<your Password 1>", "password_hash = 'argon2'",
		"postgresql://user:password@localhost/x", "postgresql://scott:tiger@host/x", "postgresql://postgres:postgres@localhost:5432/x", "https://host:8080/a@b", "https://user:${TOKEN1}@host",
		"api_key = settings.api_key_for_2026_study", "API_KEY=your-api-key-goes-here-1234", "access_key: aaaaaaaaaaaaaaaaaaaaaaaa1111", "secret = kubernetes.io/service-account-name",
		"token = 3f9c1e07b64d4a8f9b1d22c75e0a6f31", "token = tokenizer.encode(text)[0:512]", "Authorization: Basic YWRtaW46cGFzc3dvcmQ=", "Basic information about 2,000 people", "FAQ~2026 and more words than thirty-four",
		"10:AAbc", "the secret: patients of 2026 are older", "SKU1234567890", "keyword1 pwd: /home/Study2/x",
	} {
		require.NotContains(t, sure(report(t, "a.txt", []byte(text+"\n"))), "secret.token", text)
	}
}

// JSON and sheets pass short texts by.
func TestNoSecretIsShorterThanTheTextsThatAreLookedAt(t *testing.T) {
	require.Empty(t, inspect.ShorterSecrets())
	const shortest = "pwd=Zx82kdm!"
	require.Contains(t, sure(report(t, "a.json", []byte(`["`+shortest+`"]`))), "secret.token")
	require.Contains(t, sure(report(t, "a.xlsx", zipped(t, "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="inlineStr"><is><t>`+shortest+`</t></is></c></row></sheetData></worksheet>`))), "secret.token")
}
