package inspect

import (
	"regexp"
	"slices"
	"strings"
)

// token is a kind of secret that begins with a prefix of its own. The prefixes and
// lengths are those that their issuers document.
type token struct {
	prefix   string
	alphabet func(byte) bool
	least    int // characters behind the prefix
	most     int // 0 for no bound
	// grammar stands for alphabet and lengths where a token has several parts.
	grammar *regexp.Regexp
	// lead is how the text before the prefix ends, for tokens whose mark is not at their beginning.
	lead *regexp.Regexp
	// behind is set for what may stand behind a letter or a digit.
	behind bool
	// value is set where the place tells a secret: grammar's first group is one that it says yes to.
	value func([]byte) bool
	// word is the end of a name that a secret is given to: see assigned. It stands for all else.
	word string
}

func hexByte(c byte) bool    { return digit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
func alnum(c byte) bool      { return wordByte(c) && c != '_' }
func urlByte(c byte) bool    { return wordByte(c) || c == '-' }
func dottedByte(c byte) bool { return urlByte(c) || c == '.' }
func paddedByte(c byte) bool { return dottedByte(c) || c == '=' }
func base64Byte(c byte) bool { return alnum(c) || c == '+' || c == '/' || c == '=' }
func base64Word(c byte) bool { return base64Byte(c) || c == '_' }
func upperDigit(c byte) bool { return upper(c) || digit(c) }
func hookByte(c byte) bool   { return alnum(c) || c == '/' || c == '+' }

// of makes tokens of prefixes that one alphabet and length follow.
func of(alphabet func(byte) bool, least, most int, prefixes ...string) (out []token) {
	for _, p := range prefixes {
		out = append(out, token{prefix: p, alphabet: alphabet, least: least, most: most})
	}
	return out
}

var tokens = slices.Concat(
	// Code and packages: GitHub, GitLab, npm, PyPI, RubyGems, Clojars, Docker, JFrog, Octopus, Pulumi, Prefect.
	of(alnum, 36, 40, "ghp_", "gho_", "ghu_", "ghs_"), of(alnum, 36, 80, "ghr_"), of(wordByte, 70, 100, "github_pat_"),
	of(dottedByte, 20, 320, "glpat-", "gldt-", "glrt-", "glcbt-", "glft-", "glffct-", "glimt-", "glagent-", "gloas-", "glptt-", "glsoat-", "GR1348941"),
	of(alnum, 36, 36, "npm_", "pnu_"), of(urlByte, 50, 0, "pypi-AgEIcHlwaS5vcmc"), of(hexByte, 48, 48, "rubygems_"), of(alnum, 60, 60, "CLOJARS_"), of(urlByte, 27, 27, "dckr_pat_"),
	of(alnum, 69, 69, "AKCp"), of(alnum, 59, 59, "cmVmd"), of(upperDigit, 26, 26, "API-"), of(hexByte, 40, 40, "pul-", "sbp_"), of(alnum, 70, 70, "rdme_"),
	// Clouds: AWS, Azure, Google, DigitalOcean, Alibaba, Heroku, Fly, OpenShift, Scalingo, PlanetScale, Databricks, Dynatrace.
	of(upperDigit, 16, 16, "AKIA", "ASIA", "ABIA", "ACCA"), of(upperDigit, 17, 17, "A3T"), of(base64Byte, 109, 273, "ABSK"), of(base64Byte, 24, 0, "bedrock-api-key-"),
	of(base64Byte, 86, 88, "AccountKey="), of(base64Byte, 43, 44, "SharedAccessKey="),
	of(urlByte, 35, 35, "AIza"), of(urlByte, 40, 0, "ya29."), of(urlByte, 28, 28, "GOCSPX-"), of(hexByte, 64, 64, "dop_v1_", "doo_v1_", "dor_v1_"), of(alnum, 20, 20, "LTAI"),
	of(urlByte, 58, 58, "HRKU-AA"), of(urlByte, 43, 43, "fo1_", "sha256~"), of(base64Byte, 100, 0, "fm1a_", "fm1r_", "fm2_"), of(urlByte, 48, 48, "tk-us-"),
	of(paddedByte, 32, 64, "pscale_tkn_", "pscale_oauth_", "pscale_pw_"), of(hexByte, 32, 32, "dapi"),
	// Models: OpenAI, Anthropic, Hugging Face, Perplexity; Groq, xAI, Replicate, LangSmith; beside them Figma, Atlassian, Twilio.
	of(urlByte, 40, 0, "sk-ant-", "sk-svcacct-", "sk-admin-"), of(urlByte, 40, 0, "sk-proj-"), of(alnum, 48, 48, "sk-", "pplx-"), of(alnum, 34, 40, "hf_", "api_org_"),
	of(alnum, 52, 52, "gsk_"), of(alnum, 80, 80, "xai-"), of(alnum, 37, 37, "r8_"), of(wordByte, 43, 43, "lsv2_pt_", "lsv2_sk_"),
	of(urlByte, 40, 0, "figd_"), of(paddedByte, 150, 0, "ATATT3x"), of(hexByte, 32, 32, "SK"),
	// Messages: Slack, SendGrid, Brevo, Facebook, Frame.io.
	of(urlByte, 8, 0, "xoxa-", "xoxr-"), of(urlByte, 20, 0, "xoxb-", "xoxp-", "xoxs-", "xoxo-", "xoxe-", "xapp-"), of(dottedByte, 100, 0, "xoxe."),
	of(hookByte, 30, 0, "hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"),
	of(paddedByte, 66, 66, "SG."), of(urlByte, 81, 81, "xkeysib-"), of(alnum, 100, 0, "EAAM", "EAAC"), of(paddedByte, 64, 64, "fio-u-"),
	// Payments and shops: Stripe, Square, Shopify, Shippo, EasyPost, Duffel, Flutterwave.
	of(alnum, 10, 0, "sk_live_", "rk_live_", "sk_test_", "rk_test_", "sk_prod_", "rk_prod_"), of(alnum, 32, 0, "whsec_"), of(urlByte, 22, 60, "sq0atp-", "EAAA"), of(urlByte, 43, 43, "sq0csp-"),
	of(hexByte, 32, 32, "shpat_", "shpca_", "shppa_", "shpss_"), of(hexByte, 40, 40, "shippo_live_", "shippo_test_"), of(alnum, 54, 54, "EZAK", "EZTK"), of(paddedByte, 43, 43, "duffel_live_", "duffel_test_"),
	of(alnum, 12, 32, "FLWSECK_TEST-", "FLWPUBK_TEST-", "FLWSECK-", "FLWPUBK-"),
	// Vaults and operations: Vault, Doppler, 1Password, Grafana, New Relic, Sentry, Infracost, Postman, Linear, Notion, SettleMint.
	of(urlByte, 90, 0, "hvs."), of(urlByte, 138, 0, "hvb."), of(alnum, 43, 43, "dp.pt."), of(base64Byte, 250, 0, "ops_eyJ"), of(wordByte, 40, 0, "glsa_"), of(base64Byte, 32, 0, "glc_"), of(upperDigit, 27, 27, "NRAK-"),
	of(base64Word, 60, 0, "sntrys_"), of(hexByte, 64, 64, "sntryu_"), of(alnum, 32, 32, "ico-"), of(urlByte, 59, 59, "PMAK-"), of(alnum, 40, 40, "lin_api_"), of(alnum, 46, 46, "ntn_"), of(alnum, 16, 16, "sm_aat_", "sm_pat_", "sm_sat_"),
	of(hexByte, 64, 64, "s-s4t2ud-", "s-s4t2af-"), of(upperDigit, 58, 58, "AGE-SECRET-KEY-1"),
	[]token{
		{prefix: "A3-", grammar: regexp.MustCompile(`^A3-[A-Z0-9]{6}-([A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(-[A-Z0-9]{5}){3}`)}, // 1Password
		{prefix: "pat", grammar: regexp.MustCompile(`^pat[0-9A-Za-z]{14}\.[a-f0-9]{64}`)},                                       // Airtable
		{prefix: "dt0c01.", grammar: regexp.MustCompile(`^dt0c01\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{64}`)},                           // Dynatrace
		{prefix: "pat.", grammar: regexp.MustCompile(`^pat\.[\w-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}`)},                      // Harness
		{prefix: "discord", grammar: regexp.MustCompile(`^discord(app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}`)},
		{prefix: "Basic "},
		{prefix: "://", behind: true},
		{prefix: "Q~", behind: true, lead: regexp.MustCompile(`(^|[^\w~.])[\w~.]{3}\d$`), grammar: regexp.MustCompile(`^Q~[\w~.-]{31,34}`)},              // Entra, client secrets
		{prefix: ".atlasv1.", behind: true, lead: regexp.MustCompile(`(^|\W)[0-9A-Za-z]{14}$`), grammar: regexp.MustCompile(`^\.atlasv1\.[\w-]{60,70}`)}, // Terraform
		{prefix: ":AA", behind: true, lead: regexp.MustCompile(`(^|\D)\d{8,10}$`), grammar: regexp.MustCompile(`^:AA[\w-]{32,33}`)},                      // Telegram
		{prefix: "AZDO", behind: true, lead: regexp.MustCompile(`[0-9A-Za-z]{76}$`), grammar: regexp.MustCompile(`^AZDO[0-9A-Za-z]{4}`)},                 // Azure DevOps
		{prefix: "sat.", grammar: regexp.MustCompile(`^sat\.[\w-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}`)},
	},
)

// allTokens are those above, those that functions of their own know, and words.
var allTokens = func() []token {
	out := slices.Concat(tokens, handedTokens, []token{{prefix: "eyJ"}, {prefix: "sig="}, {prefix: keyBegins}, {prefix: sshKeyBegins}, {prefix: puttyBegins}})
	for _, w := range secretWords {
		for _, prefix := range slices.Compact([]string{w[:2], strings.ToUpper(w[:2]), strings.ToUpper(w[:1]) + w[1:2]}) {
			out = append(out, token{prefix: prefix, word: w, behind: true})
		}
	}
	return out
}()
