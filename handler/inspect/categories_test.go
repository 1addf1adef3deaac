package inspect_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A category may be called as a count is, or by a letter that stands for one: "n" for no, and "n" for a number of
// pumps that streets are told apart by.
func TestCategoriesThatAreCalledAsCounts(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"frequencies":                     {"n,n\n11,10\n2,825\n3,250\n4,60\n5,35\n", []string{}},
		"frequencies by their size":       {"n,count\n2,825\n3,250\n4,60\n5,35\n11,10\n", []string{}},
		"a small one among them":          {"n,n\n11,4\n2,825\n3,250\n", []string{"sdc.small_count 3-4"}},
		"frequencies of a count of cases": {"cases,n\n0,400\n1,45\n2,20\n", []string{}},
		"shares":                          {"n,percent\n11,0.9\n2,66.4\n3,20.3\n4,12.4\n", []string{}},
		"shares with decimal commas":      {"n;percent\n11;0,9\n2;66,4\n3;20,3\n4;12,4\n", []string{}},
		"whole shares":                    {"n,percent\n2,66\n3,20\n4,14\n", []string{}},
		"means":                           {"n,n,mean,sd\n11,10,13.96,0.47\n2,825,12.12,4.65\n3,250,13.7,4.22\n", []string{}},
		"means with decimal commas":       {"n;n;mean;sd\n11;10;13,96;0,47\n2;825;12,12;4,65\n3;250;13,7;4,22\n", []string{}},
		"means alone":                     {"n,mean,sd\n2,13.96,0.47\n3,12.12,4.65\n4,13.7,4.22\n", []string{}},
		"a cross table":                   {"n,F,M\n2,40,50\n3,60,20\n4,35,25\n", []string{}},
		"cell by cell":                    {"sex,n,count\nF,2,40\nF,3,30\nM,2,25\nM,3,30\n", []string{}},
		"cell by cell, n first":           {"n,sex,count\n2,F,40\n2,M,30\n3,F,25\n3,M,30\n", []string{}},
		"events by treatment":             {"event,treatment,n\n0,0,75\n0,1,25\n1,0,30\n1,1,45\n", []string{}},
		"shares of events":                {"event,treatment,percent\n0,0,75\n0,1,25\n1,0,40\n1,1,60\n", []string{}},
		"means by number and event":       {"number,event,mean,sd\n1,0,15,1.5\n1,1,12,2.5\n2,0,14,2.5\n2,1,11,1.5\n", []string{}},
		"means of many cells":             {people(60, "type,cylinders,mean,sd", func(i int) string { return fmt.Sprintf("T%d,%d,%d,1.5", i/6, 2+i%6, 20+i) }), []string{}},
		"leagues":                         {"league,percent\nN,7\nA,93\n", []string{}},
		"no and yes, shares":              {"smoker,percent\nn,8.0\ny,92.0\n", []string{}},
		"no and yes, means":               {"smoker,mean,sd\nn,4,2\ny,5,3\n", []string{}},
		"nein und ja":                     {"Raucher,Mittelwert\nj,4\nn,5\n", []string{}},

		// What is a count stays one.
		"numbers of people of one row":       {"n,mean\n3,4.5\n", []string{"sdc.small_count 3-4"}},
		"shares that follow":                 {"n,percent\n3,2.4\n120,97.6\n", []string{"sdc.small_count 3-4"}},
		"shares that follow, whole":          {"n,percent\n4,4\n96,96\n", []string{"sdc.small_count 3-4"}},
		"means of groups without a name":     {"n,mean\n120,3.1\n3,4.5\n", []string{"sdc.small_count 3-4"}},
		"people and cases":                   {"region,n,cases\nNorth,40,3\nSouth,60,20\n", []string{"sdc.small_count 3-4"}},
		"two groups":                         {"region,n,n\nNorth,40,3\nSouth,4,20\n", []string{"sdc.small_count 3-4"}},
		"people and cases of repeated names": {"region,n,cases\nNorth,4,20\nNorth,60,20\nSouth,30,20\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"a total first":                      {"n,F,M\n4,1,3\n90,50,40\n", []string{"sdc.small_count 3-4"}},
		"fractions as labels":                {"distance,Bush,Clinton,Perot\n0.2401,74,130,67\n0.2601,80,52,45\n12.18,0,19,4\n2.2201,12,83,26\n2.2801,122,22,23\n", []string{"sdc.small_count 15-19", "sdc.small_count 3-4", "sdc.unrounded"}},
		"leagues of teams":                   {"league,East,West\nN,3,40\nA,50,20\n", []string{"sdc.small_count 3-4"}},
		"cases among people of two axes":     {"sex,smoker,n,cases\nF,n,40,3\nF,y,40,20\nM,n,60,20\nM,y,60,20\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"people with a mean":                 {people(60, "sex,region,age,mean_sbp", func(i int) string { return fmt.Sprintf("%c,R%d,%d,1%d.5", "FM"[i%2], i%5, 30+i*i%23, i) }), []string{"pii.unique_rows", "sdc.row_level"}},
		"no and yes":                         {"smoker,n\nn,40\ny,3\n", []string{"sdc.small_count 3-4"}},
		"no and yes of few":                  {"smoker,n\nn,3\ny,40\n", []string{"sdc.small_count 3-4"}},
		"no, yes and not known":              {"smoker,n,y,NA\nF,40,3,20\nM,55,20,30\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"no and yes under two lines":         {"answer,n,y\nsex,,\nF,40,3\nM,55,20\n", []string{"sdc.small_count 3-4"}},
		"no and yes for each sex":            {",F,F,M,M\nsmoker,n,y,n,y\nNorth,40,3,20,30\nSouth,55,20,30,40\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"a number beside means":              {"group,n,y\na,3,2.5\nb,40,3.5\n", []string{"sdc.small_count 3-4"}},
		"N of a summary":                     {"statistic,treated,control\nN,4,40\nmean,4.5,5.1\n", []string{"sdc.small_count 3-4"}},
	} {
		require.Equal(t, c.want, slices.DeleteFunc(sure(report(t, "a.csv", []byte(c.content))), func(rule string) bool { return rule == "sdc.small_count 10-14" }), name)
	}
}
