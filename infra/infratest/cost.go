package infratest

import (
	"fmt"
	"math"
	"strings"
)

// Unit prices of docs/COSTS.md, in US dollars a month, and what it estimates where a
// plan does not tell.
const (
	endpointPrice    = 7.30   // an hour is 0.01
	defenderPrice    = 10.00  // an account
	webTestPrice     = 0.0006 // a run at one place
	logAlertPrice    = 1.50   // every five minutes
	rareAlertPrice   = 0.50   // every fifteen
	metricAlertPrice = 0.10
	readyPrice       = 5.25  // an instance of 512 MB that is always ready
	coreLogs         = 10.00 // estimated
	coreRest         = 3.00  // vault, zones, topics, Logic App at rest: estimated
	workspaceLogs    = 0.20  // estimated
)

// Cost is a plan's charge while nobody uses it, in US dollars a month.
type Cost struct{ Core, Workspace float64 }

// At is the sum for a number of workspaces.
func (c Cost) At(workspaces int) float64 { return c.Core + float64(workspaces)*c.Workspace }

// FixedCost counts the resources of an example's plan that are charged for without any use. The
// workspaces of the example are alike.
func FixedCost(p *Plan) Cost {
	c := Cost{Core: coreLogs + coreRest, Workspace: workspaceLogs}
	for _, r := range p.Resources {
		price := priceOf(r)
		if strings.HasPrefix(r.Address, "module.workspace[") {
			c.Workspace += price / float64(len(workspaceNames))
			continue
		}
		c.Core += price
	}
	return c
}

func priceOf(r Resource) float64 {
	switch r.Type {
	case "azurerm_private_endpoint":
		return endpointPrice
	case "azurerm_security_center_storage_defender": //nolint:misspell // the provider's name
		return defenderPrice
	case "azurerm_application_insights_standard_web_test":
		const month = 365.0 / 12 * 24 * 3600
		return webTestPrice * month / r.Number("frequency") * float64(len(r.List("geo_locations")))
	case "azurerm_monitor_scheduled_query_rules_alert_v2":
		if r.Text("evaluation_frequency") == "PT5M" {
			return logAlertPrice
		}
		return rareAlertPrice
	case "azurerm_monitor_metric_alert":
		return metricAlertPrice
	}
	ready := 0.0
	for _, group := range r.List("body.properties.functionAppConfig.scaleAndConcurrency.alwaysReady") {
		count, _ := walk(group, "instanceCount").(float64)
		ready += count * readyPrice
	}
	return ready
}

// CostLine is the row of docs/COSTS.md for a layout, in tens of dollars.
func CostLine(layout string, c Cost) string {
	cells := []string{"`" + layout + "`"}
	for _, n := range []int{1, 10, 100, 1000} {
		cells = append(cells, spaced(int(math.Round(c.At(n)/10))*10))
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// spaced writes a number with a space between thousands.
func spaced(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s %03d", spaced(n/1000), n%1000)
}
