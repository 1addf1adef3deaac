package infratest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// LogLines holds the constant parts of the handler's log lines.
type LogLines struct {
	Codes   []string // values of the member "alert"
	Members []string // names of all members
}

// ReadLogLines reads the log calls below a folder, tests left out: the codes
// operators are woken by, and every member a line can have. A code is a constant
// of type Alert.
func ReadLogLines(dir string) (LogLines, error) {
	r := logReader{codes: map[string]string{}, members: []string{"time", "level", "msg"}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, r.visit)
		return nil
	})
	lines := LogLines{Members: r.members}
	for _, name := range r.alerts {
		lines.Codes = append(lines.Codes, r.codes[name])
	}
	slices.Sort(lines.Codes)
	lines.Codes = slices.Compact(lines.Codes)
	slices.Sort(lines.Members)
	lines.Members = slices.Compact(lines.Members)
	return lines, err
}

type logReader struct {
	codes   map[string]string // constants of type Alert by name
	alerts  []string          // names of those that are logged
	members []string
}

func (r *logReader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		r.call(n)
	case *ast.ValueSpec:
		if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Alert" {
			for i, name := range n.Names {
				r.codes[name.Name] = literal(n.Values[i])
			}
		}
	}
	return true
}

// firstPair is where pairs of member and value begin in a call of log/slog.
var firstPair = map[string]int{
	"With": 0, "Debug": 1, "Info": 1, "Warn": 1, "Error": 1,
	"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2, "Log": 3,
}

func (r *logReader) call(call *ast.CallExpr) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	i, ok := firstPair[method.Sel.Name]
	if !ok {
		return
	}
	for ; i+1 < len(call.Args); i += 2 {
		member := literal(call.Args[i])
		if member == "" {
			continue
		}
		r.members = append(r.members, member)
		if code, ok := call.Args[i+1].(*ast.SelectorExpr); ok && member == "alert" {
			r.alerts = append(r.alerts, code.Sel.Name)
		}
	}
}

// alerts are the planned alert rules, of all kinds.
func alerts(p *Plan) []Resource {
	return p.OfType("azurerm_monitor_scheduled_query_rules_alert_v2", "azurerm_monitor_metric_alert", "azurerm_monitor_activity_log_alert",
		"azurerm_monitor_smart_detector_alert_rule")
}

// MatchAlerts compares the planned alert rules with the codes in the handler's
// log lines and with the headings below "## Alerts" of the runbook, both ways.
func MatchAlerts(p *Plan, logged LogLines, runbook string) []string {
	var f findings
	var all, fromLog []string
	for _, r := range alerts(p) {
		all = append(all, r.Text("name"))
		if r.Kind() == "core: azurerm_monitor_scheduled_query_rules_alert_v2.log" {
			fromLog = append(fromLog, r.Text("name"))
		}
		f.unless(!r.False("enabled"), "%s: is off", r.Address)
		f.unless(strings.HasSuffix(r.Text("description"), "docs/RUNBOOK.md#"+r.Text("name")), "%s: does not lead to its entry of docs/RUNBOOK.md", r.Address)
	}
	f.same("alert codes", logged.Codes, fromLog)
	f.same("alerts of docs/RUNBOOK.md", alertHeadings(runbook), all)
	return f
}

// alertHeadings are the headings below "## Alerts". Each is an anchor as it
// stands, to which the alert's description leads.
func alertHeadings(runbook string) []string {
	var names []string
	_, alerts, _ := strings.Cut(runbook, "\n## Alerts\n")
	alerts, _, _ = strings.Cut(alerts, "\n## ")
	for line := range strings.Lines(alerts) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

const operators = "<module.core.azurerm_monitor_action_group.operators>"

// MatchWatching asks a plan with known ids whether each alert tells somebody and
// looks at something that is there: the columns of the table, the members of
// the handler's log lines, the names of functions.
func MatchWatching(p *Plan, logged LogLines, functions []Function) []string {
	var f findings
	for _, g := range p.OfType("azurerm_monitor_action_group") {
		f.unless(!g.False("enabled"), "%s: is off", g.Address)
		f.unless(len(g.List("email_receiver")) == 1 && g.Text("email_receiver.0.email_address") == "airlock-operations@example.org", "%s: tells nobody", g.Address)
	}
	for _, w := range p.OfType("azurerm_application_insights_standard_web_test") {
		f.unless(w.True("enabled") && w.Text("request.0.url") == "https://"+appName(p)+".azurewebsites.net/api/health" && w.Number("validation_rules.0.expected_status_code") == 200,
			"%s: does not ask for the app's health", w.Address)
	}
	for _, r := range alerts(p) {
		groups := fmt.Sprint(r.Get("action.0.action_groups"))
		f.unless(len(r.List("action")) == 1 && (groups == "["+operators+"]" || r.Text("action.0.action_group_id") == operators), "%s: tells nobody", r.Address)
		if metric := r.Text("criteria.0.metric_name"); metric != "" {
			f = append(f, readMetric(p, r, metric)...)
		}
		query := r.Text("criteria.0.query")
		if query == "" {
			continue
		}
		f.unless(r.Text("criteria.0.time_aggregation_method") == "Count" && r.Text("criteria.0.operator") == "GreaterThan" && r.Number("criteria.0.threshold") == 0,
			"%s: is not raised by the first row", r.Address)
		for _, line := range readQuery(query, logged, functions) {
			f.unless(false, "%s: %s", r.Address, line)
		}
		if r.Kind() == "core: azurerm_monitor_scheduled_query_rules_alert_v2.log" {
			f.unless(strings.Contains(query, fmt.Sprintf("\n| where tostring(Line.alert) == %q\n", r.Text("name"))), "%s: does not look for its code", r.Address)
			f = append(f, readWindow(r)...)
		}
	}
	return f
}

// readWindow wants a log alert to look back ten minutes further than to its last
// look, and to be silent for just that: lines take minutes to get into the table.
// https://learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time
func readWindow(r Resource) []string {
	var f findings
	every, window, silent := minutes(r.Text("evaluation_frequency")), minutes(r.Text("window_duration")), minutes(r.Text("mute_actions_after_alert_duration"))
	f.unless(every > 0 && window >= every+10, "%s: looks back PT%dM every PT%dM", r.Address, window, every)
	f.unless(silent == window-every, "%s: is silent for PT%dM, want PT%dM", r.Address, silent, window-every)
	return f
}

// minutes reads PT5M; 0 is anything else.
func minutes(duration string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(duration, "PT"), "M"))
	return n
}

// columns of the tables of Application Insights, those that are of use here.
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces and apprequests
var columns = map[string][]string{
	"AppTraces":   {"TimeGenerated", "Message", "SeverityLevel", "OperationId", "OperationName", "AppRoleName", "Properties"},
	"AppRequests": {"TimeGenerated", "Name", "OperationId", "OperationName", "Success", "ResultCode", "DurationMs", "AppRoleName", "Properties"},
}

var (
	kqlText    = regexp.MustCompile(`@?"[^"]*"`)
	kqlName    = regexp.MustCompile(`\b[A-Z]\w*(\.\w+)?`)
	kqlDefined = regexp.MustCompile(`(\w+) = `)
	kqlTrigger = regexp.MustCompile(`OperationName == "([^"]*)"`)
)

// readQuery reads a query far enough to know that the names in it exist.
func readQuery(query string, logged LogLines, functions []Function) []string {
	var f findings
	table, rest, _ := strings.Cut(query, "\n")
	known, ok := columns[table]
	f.unless(ok, "there is no table %s", table)
	for _, m := range kqlTrigger.FindAllStringSubmatch(rest, -1) {
		f.unless(slices.ContainsFunc(functions, func(fn Function) bool { return fn.Name == m[1] }), "there is no function %s", m[1])
	}
	rest = kqlText.ReplaceAllString(rest, `""`)
	known = slices.Clone(known)
	for _, m := range kqlDefined.FindAllStringSubmatch(rest, -1) {
		known = append(known, m[1])
	}
	for _, name := range kqlName.FindAllString(rest, -1) {
		variable, member, dotted := strings.Cut(name, ".")
		f.unless(slices.Contains(known, variable), "there is no column %s", variable)
		f.unless(!dotted || slices.Contains(logged.Members, member), "the handler logs no member %s", member)
	}
	return f
}

// metrics that are watched, of what there is.
// https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index
var metrics = map[string][]string{
	"Microsoft.EventGrid/systemTopics": {"DeadLetteredCount", "DeliveryAttemptFailCount", "DroppedEventCount", "MatchedEventCount"},
	"Microsoft.EventGrid/topics":       {"DeadLetteredCount", "DeliveryAttemptFailCount", "DroppedEventCount", "MatchedEventCount"},
	"Microsoft.Logic/workflows":        {"RunsFailed"},
}

func readMetric(p *Plan, r Resource, metric string) []string {
	var f findings
	namespace := r.Text("criteria.0.metric_namespace")
	f.unless(slices.Contains(metrics[namespace], metric), "%s: %s has no metric %s", r.Address, namespace, metric)
	f.unless(r.Text("criteria.0.aggregation") == "Total" && r.Text("criteria.0.operator") == "GreaterThan" && r.Number("criteria.0.threshold") == 0,
		"%s: is not raised by the first one", r.Address)
	for _, d := range r.List("criteria.0.dimension") {
		dimension, _ := d.(map[string]any)
		values, _ := dimension["values"].([]any)
		f.unless(dimension["name"] == "EventSubscriptionName" && dimension["operator"] == "Include" && len(values) > 0, "%s: counts %v", r.Address, dimension)
		for _, name := range values {
			f.unless(slices.ContainsFunc(subscriptions(p), func(s Resource) bool { return s.Text("name") == name }), "%s: there is no subscription %v", r.Address, name)
		}
	}
	return f
}
