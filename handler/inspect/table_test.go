package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// sure are the rules of the findings that are sure, notes left out.
func sure(r inspect.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		if f.Confidence == inspect.Sure && f.Rule != "sdc.zero_count" && f.Rule != "sdc.n_missing" {
			out = append(out, strings.TrimSpace(f.Rule+" "+f.Bucket))
		}
	}
	return out
}

// people is a table of one row a person.
func people(rows int, header string, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range rows {
		b.WriteString(row(i) + "\n")
	}
	return b.String()
}

func TestTablesAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"a count by its header":       {"region,patients\nNorth,120\nSouth,3\n", []string{"sdc.small_count 3-4"}},
		"a count in another language": {"Region;Anzahl\nNord;120\nSüd;6\n", []string{"sdc.small_count 5-7"}},
		"a cross table":               {"smoker,F,M\nno,40,55\nyes,12,8\n", []string{"sdc.small_count 10-14", "sdc.small_count 8-9"}},
		"coded categories":            {"sex,0,1\n1,40,50\n2,2,60\n", []string{"sdc.small_count 1-2"}},
		"a header of two lines":       {",age,age\n,mean,count\nsex,,\nF,40.2,30\nM,39.1,4\n", []string{"sdc.small_count 3-4"}},
		"counts with percentages":     {"characteristic,treated,control\nfemale,\"5 (33.3%)\",\"20 (50.0%)\"\nmale,\"10 (66.7%)\",\"20 (50.0%)\"\n", []string{"sdc.small_count 10-14", "sdc.small_count 5-7"}},
		"describe":                    {",age\ncount,12\nmean,40.3\nstd,10.1\nmin,21\n25%,30.1\n50%,40\n75%,51\nmax,69\n", []string{"sdc.min_max", "sdc.percentile 3-4", "sdc.percentile 5-7", "sdc.small_count 10-14"}},
		"not rounded":                 {"year,n\n2015,103\n2016,118\n2017,122\n2018,131\n2019,147\n2020,158\n", []string{"sdc.unrounded"}},
		"rounded to five":             {"year,n\n2015,105\n2016,120\n2017,125\n2018,130\n2019,145\n2020,160\n", []string{}},
		"rounded to midpoints":        {"group,n_midpoint6\na,3\nb,9\nc,15\nd,21\ne,33\nf,45\n", []string{}},
		"rounded in part":             {"g,n_total,n_event\na,103,25\nb,118,30\nc,122,35\nd,131,40\ne,147,45\nf,158,50\n", []string{"sdc.rounding_mixed", "sdc.unrounded"}},
		"a cell that the total tells": {"group,a,b,Total\nx,20,[REDACTED],60\ny,30,50,80\nAll,50,90,140\n", []string{"sdc.recoverable"}},
		"two cells that it does not":  {"group,a,b,c,Total\nx,20,*,*,60\ny,30,50,20,100\nz,30,*,*,100\n", []string{}},
		"sizes of groups":             {"characteristic,treated (N=7),control (n = 120)\nage,40.5,41.2\n", []string{"sdc.small_count 5-7"}},
		"means":                       {"group,mean_age,sd\nx,4,2\ny,5,3\n", []string{}},
		"scores and ids":              {"item,score,rank\nx,4,2\ny,5,3\n", []string{}},
		"a model":                     {"term,estimate,std_error,p_value\nage,0.1,0.02,0.001\nsex,1.2,0.3,0.04\n", []string{}},
		"a survival table":            {"time,n.risk,n.event,survival\n1,120,3,0.975\n2,117,0,0.975\n3,110,12,0.87\n", []string{"sdc.survival_steps 10-14", "sdc.survival_steps 3-4"}},
		"residuals":                   {people(12, "obs,residual,fitted", func(i int) string { return fmt.Sprintf("%d,0.%d1,1.%d2", i, i, i) }), []string{"sdc.residuals"}},
		"extremes":                    {"variable,mean,min,max\nage,40.2,18.5,97.1\n", []string{"sdc.min_max"}},
		"rows of people": {people(60, "sex,age,town", func(i int) string {
			return fmt.Sprintf("%s,%d,%s", []string{"F", "M"}[i%2], 20+i%50, []string{"A", "B", "C"}[i%3])
		}), []string{"pii.unique_rows", "sdc.row_level"}},
		"rows of people by their ids": {people(60, "patient_id,sbp", func(i int) string { return fmt.Sprintf("%d,%d.5", 70000+i*37, 100+i) }), []string{"pii.id_column", "sdc.row_level"}},
		"a panel":                     {people(60, "country,year,rate", func(i int) string { return fmt.Sprintf("C%d,%d,0.%d", i/10, 2000+i%10, i) }), []string{}},
		"genes":                       {people(60, "gene_id,logfc,p", func(i int) string { return fmt.Sprintf("ENSG%05d,0.%d,0.0%d", i, i, i) }), []string{}},
		"a table in Markdown":         {"| group | n |\n|---|---:|\n| a | 40 |\n| b | 2 |\n", []string{"sdc.small_count 1-2"}},
		"a table in LaTeX":            {"\\begin{tabular}{lr}\n\\toprule\ngroup & $n$ \\\\ \\midrule\nA \\& B & \\textbf{3} \\\\\nC & 1{,}200 \\\\\n\\bottomrule\n\\end{tabular}\n", []string{"sdc.small_count 3-4"}},
		"as R prints a table":         {"> table(d$sex, d$smoke)\n   \n      no yes\n  F   45   3\n  M   50  22\n", []string{"sdc.small_count 3-4"}},
		"as pandas prints a group":    {"          count  mean\nsex                  \nFemale       33  4.20\nMale          4  3.90\n", []string{"sdc.small_count 3-4"}},
		"as Stata tabulates":          {"     Gender |      Freq.     Percent\n------------+----------------------\n       Male |          3        1.19\n     Female |        250       98.81\n------------+----------------------\n      Total |        253      100.00\n", []string{"sdc.small_count 3-4"}},
		"as a database prints":        {"> \n region | patients\n--------+---------\n North  |      120\n South  |        4\n(2 rows)\n", []string{"sdc.small_count 3-4"}},
		"means in LaTeX":              {"\\begin{longtable}{lr}\nvariable & mean \\\\\nage & 4 \\\\\nbmi & 3 \\\\\n\\end{longtable}\n", []string{}},
		"a formula":                   {"name,value\nx,=HYPERLINK(\"http://a\")\ny,-3\nz,+4\n", []string{"active.formula"}},
		"a title, notes, two tables":  {"Table 1. Deaths by region\nregion,deaths\nA,50\nB,4\n\nregion,score\nA,5\nB,4\nSource: own calculation\n", []string{"sdc.small_count 3-4"}},
	} {
		file := "a.csv"
		switch c.content[0] {
		case ' ', '>':
			file = "a.txt"
		case '|':
			file = "a.md"
		case '\\':
			file = "a.tex"
		}
		require.Equal(t, c.want, sure(report(t, file, []byte(c.content))), name)
	}
}

func TestPrintedTablesAreJudged(t *testing.T) {
	r := report(t, "a.txt", []byte("Some words first.\n\nsmoker   F   M\nno      40  55\nyes     12   8\n\nThen more words, and that is all.\n"))
	require.Equal(t, []string{"sdc.small_count 10-14", "sdc.small_count 8-9"}, sure(r))
	require.Equal(t, int64(5), r.Findings[0].Places[0].Line)
	r = report(t, "a.txt", []byte("Dep. Variable: y   R-squared: 0.9\nNo. Observations:     12   AIC: 12.3\nDf Residuals:          8   BIC: 14.1\n"))
	require.Equal(t, []string{"sdc.dof 8-9", "sdc.small_count 10-14"}, sure(r))
	require.Empty(t, sure(report(t, "a.txt", []byte("Chapter 1 begins here\nand 3 men went out in 4 boats\nto see 5 islands in 6 days\n"))))
}

func TestLargeTablesAreJudgedRowByRow(t *testing.T) {
	content := people(8000, "patient_id,nhs_number,sex,n_visits,note", func(i int) string {
		return fmt.Sprintf("%d,%s,%s,%d,some words", 700_000+i*37, nhsNumber(i), []string{"F", "M"}[i%2], i%30)
	})
	require.Greater(t, len(content), 192<<10)
	r := report(t, "a.csv", []byte(content))
	require.Equal(t, []string{"pii.id_column", "pii.nhs_number", "sdc.row_level", "sdc.too_many_rows"}, sure(r))
	require.Equal(t, int64(8000), r.Findings[1].Count)

	counts := people(8000, "region,patients", func(i int) string { return fmt.Sprintf("the region of number %d,%d", i, 1000+5*i) })
	counts = strings.Replace(counts, "number 6000,31000", "number 6000,4", 1)
	r = report(t, "a.csv", []byte(counts))
	require.Equal(t, []string{"sdc.small_count 3-4", "sdc.too_many_rows"}, sure(r))
	require.Equal(t, int64(6002), r.Findings[0].Places[0].Line)
	place := r.Findings[0].Places[0]
	require.Equal(t, "the region of number 6000,4\n", counts[place.Offset:place.Offset+place.Length], "an excerpt can be read")

	r = report(t, "a.csv", utf16le(counts))
	require.Equal(t, []string{"sdc.small_count 3-4", "sdc.too_many_rows"}, sure(r))
	require.Equal(t, int64(6002), r.Findings[0].Places[0].Line)
}

// nhsNumber is the i-th valid number that nobody has: those from 999 on are for tests.
func nhsNumber(i int) string {
	for n := 999_000_000 + i*7; ; n++ {
		digits := fmt.Sprint(n)
		sum := 0
		for k := range 9 {
			sum += (10 - k) * int(digits[k]-'0')
		}
		if check := (11 - sum%11) % 11; check < 10 {
			return digits + fmt.Sprint(check)
		}
	}
}

// Words that are statistics elsewhere are categories here, and the other way round.
func TestCategoriesThatAreCalledAsStatistics(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"average among others":  {"rating,n\naverage,26\nbetter,8\nMuch better,21\nMuch worse,48\nworse,33\nother,41\n", []string{"sdc.small_count 8-9", "sdc.unrounded"}},
		"a small average":       {"rating,n\nbetter,20\nAverage,4\nworse,30\n", []string{"sdc.small_count 3-4"}},
		"the average of all":    {"region,n\nNorth,20\nSouth,30\nEast,40\nWest,25\nMidlands,20\nIsles,20\nAverage,7\n", []string{}},
		"an average of reals":   {"measure,value\naverage,4\nweight,3.5\nheight,20\n", []string{}},
		"average and deviation": {"statistic,n_visits\naverage,4\nsd,3\nvisits,20\n", []string{}},
		"winds":                 {"stumps,NW-NE,NW-SE,SE-SW\n0,32,44,40\n1,3,31,24\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"a standard error":      {"group,SE\na,3\nb,4\nc,5\n", []string{}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.csv", []byte(c.content))), name)
	}
}

// A pattern of rounding needs counts that differ, and a count has a header or a place that says so.
func TestRoundingIsToldFromChance(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"a balanced design":           {"arm,n\na,9\nb,9\nc,9\nd,9\ne,9\nf,9\n", []string{"sdc.small_count 8-9", "sdc.unrounded"}},
		"a balanced cross table":      {"arm,low,high\na,21,21\nb,21,21\nc,21,21\n", []string{"sdc.unrounded"}},
		"balanced and rounded":        {"arm,n\na,20\nb,20\nc,20\nd,20\ne,20\nf,20\n", []string{}},
		"midpoints":                   {"arm,n\na,3\nb,9\nc,15\nd,9\ne,3\nf,21\n", []string{}},
		"sevens":                      {"arm,n\na,14\nb,21\nc,28\nd,84\ne,140\nf,49\n", []string{"sdc.small_count 10-14"}},
		"describe of equal groups":    {",a,b,c,d,e,f\ncount,21,21,21,21,21,21\nmean,1.5,2.5,3.5,4.5,5.5,6.5\n", []string{"sdc.unrounded"}},
		"fractions as categories":     {"dose,0,0.5,1,All\nno,931,1001,953,2885\nyes,68,4,50,122\nAll,999,1005,1003,3007\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"fractions as quantiles":      {"measure,0.25,0.5,0.75\nage,30,4,50\nbmi,20,25,3\n", []string{}},
		"an average among reals":      {"knowledge,mean,sd,n\nAverage,68.71,609.83,585\nHigh,71.11,529.20,449\nLow,62.25,426.25,334\nNone,58.78,0.00,1\nVery High,73.59,584.84,325\nVery Low,73.50,84.84,101\n", []string{"sdc.small_count 1-2", "sdc.unrounded"}},
		"yes and no in one letter":    {"smoker,n,y\nF,40,3\nM,55,20\n", []string{"sdc.small_count 3-4"}},
		"women and men in one letter": {"smoker,f,m,total\nno,40,4,44\nyes,55,20,75\n", []string{"sdc.small_count 3-4", "sdc.unrounded"}},
		"grades":                      {"arm,Grade 1,Grade 2,Grade 3\na,40,20,3\nb,35,25,10\n", []string{"sdc.small_count 10-14", "sdc.small_count 3-4", "sdc.unrounded"}},
		"a grade":                     {"pupil,grade,stage\na,4,2\nb,3,5\n", []string{}},
		"bands of age":                {"sex,age 18-24,age 25-64,age 65+\nF,40,120,7\nM,35,115,60\n", []string{"sdc.small_count 5-7", "sdc.unrounded"}},
		"means by bands of age":       {"measure,mean age 18-24,mean age 25-64\nvisits,4,2\nfalls,3,5\n", []string{}},
		"counts that could be years":  {"sex,patients\nF,1904\nM,1991\nX,2001\nU,1987\nV,1966\nW,1903\n", []string{"sdc.unrounded"}},
		"years that are no counts":    {"team,founded\na,1904\nb,1991\nc,2001\nd,1987\ne,1966\nf,1903\n", []string{}},
		"prices that add up":          {"item,cost A,cost B,total cost\nx,3,4,7\ny,2,5,7\nz,1,1,2\n", []string{}},
		"two statistics":              {"test,f,p\nx,3,4\ny,4,5\n", []string{}},
	} {
		require.Equal(t, c.want, sure(report(t, "a.csv", []byte(c.content))), name)
	}
}
