package inspect_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every table has one group of fewer than ten people, in a layout of its program's own.
func TestSmallCountsInPrintedTables(t *testing.T) {
	for name, text := range map[string]string{
		"Stata, tabulate with percentages of rows": `+----------------+
| Key            |
|----------------|
|   frequency    |
| row percentage |
+----------------+

           |        outcome
 treatment |      dead      alive |     Total
-----------+----------------------+----------
   placebo |         4         96 |       100 
           |      4.00      96.00 |    100.00 
-----------+----------------------+----------
      drug |        12         88 |       100 
           |     12.00      88.00 |    100.00 
-----------+----------------------+----------
     Total |        16        184 |       200 
           |      8.00      92.00 |    100.00 
`,
		"Stata, statistics by group": `-------------------------------------------------------------------------------
-> arm = control

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
         bmi |        152    27.10329    4.210342       18.2       44.1

-------------------------------------------------------------------------------
-> arm = rare

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
         bmi |          5       31.42    2.901724       28.1       35.6
`,
		"Stata, dtable": `. dtable age i.sex i.smoker, by(arm)

-----------------------------------------------------------
                        arm                                
             Control         Drug            Total         
-----------------------------------------------------------
N                 100 (50.0%)     100 (50.0%)    200 (100.0%)
age          45.200 (12.100) 46.100 (11.900) 45.650 (12.000)
sex                                                        
  male            48 (48.0%)      52 (52.0%)     100 (50.0%)
  female          52 (52.0%)      48 (48.0%)     100 (50.0%)
smoker                                                     
  yes               3 (3.0%)      22 (22.0%)      25 (12.5%)
  no              97 (97.0%)      78 (78.0%)     175 (87.5%)
-----------------------------------------------------------
`,
		"SPSS, frequencies": `FREQUENCIES VARIABLES=eth
  /ORDER=ANALYSIS.

Frequencies

Statistics
eth
N	Valid	412
	Missing	0

eth
		Frequency	Percent	Valid Percent	Cumulative Percent
Valid	White	380	92.2	92.2	92.2
	Asian	28	6.8	6.8	99.0
	Other	4	1.0	1.0	100.0
	Total	412	100.0	100.0	
`,
		"SPSS, cross table": `sex * smoker Crosstabulation
Count
                     smoker
               no      yes     Total
sex   male    150       48       198
      female  120        7       127
Total         270       55       325
`,
		"SAS, cross table": `                      The FREQ Procedure

                     Table of sex by disease

              sex       disease

              Frequency|
              Percent  |
              Row Pct  |
              Col Pct  |no      |yes     |  Total
              ---------+--------+--------+
              F        |    140 |      5 |    145
                       |  48.28 |   1.72 |  50.00
                       |  96.55 |   3.45 |
                       |  50.91 |  33.33 |
              ---------+--------+--------+
              M        |    135 |     10 |    145
                       |  46.55 |   3.45 |  50.00
                       |  93.10 |   6.90 |
                       |  49.09 |  66.67 |
              ---------+--------+--------+
              Total         275       15      290
                          94.83     5.17   100.00
`,
		"SAS, means": `                 The MEANS Procedure

              Analysis Variable : bmi

       N
grp  Obs     N          Mean       Std Dev       Minimum       Maximum
----------------------------------------------------------------------
a    210   210    26.1200000     4.2000000    17.9000000    41.2000000

b      4     4    33.9000000     2.2000000    31.0000000    36.1000000
----------------------------------------------------------------------
`,
		"R, table of one variable": `> table(d$stage)

  I  II III 
210  84   6 
`,
		"R, tibble of several columns": `# A tibble: 2 × 4
  arm     n_pat mean_age sd_age
  <chr>   <int>    <dbl>  <dbl>
1 control   152     45.2   12.1
2 rare        5     61.3    3.2
`,
		"R, ftable": `                 outcome alive dead
sex    treatment                   
male   drug               120   12
       placebo             98    3
female drug               140   22
       placebo            111   19
`,
		"R, CrossTable": `   Cell Contents
|-------------------------|
|                       N |
|           N / Row Total |
|-------------------------|

Total Observations in Table:  290 

             | d$dis 
       d$sex |        no |       yes | Row Total | 
-------------|-----------|-----------|-----------|
           F |       140 |         5 |       145 | 
             |     0.966 |     0.034 |     0.500 | 
-------------|-----------|-----------|-----------|
           M |       135 |        10 |       145 | 
             |     0.931 |     0.069 |     0.500 | 
-------------|-----------|-----------|-----------|
Column Total |       275 |        15 |       290 | 
-------------|-----------|-----------|-----------|
`,
		"R, tableone": `                     Stratified by arm
                      control        drug           p      test
  n                     152            148                     
  age (mean (SD))     45.20 (12.10)  46.10 (11.90)   0.512     
  sex = male (%)         70 (46.1)      72 (48.6)    0.713     
  rare_dx = yes (%)       3 ( 2.0)       9 ( 6.1)    0.080     
`,
		"R, events of a model": `Call:
coxph(formula = Surv(time, status) ~ age + sex, data = lung)

  n= 228, number of events= 3 

         coef exp(coef)  se(coef)      z Pr(>|z|)   
age  0.017045  1.017191  0.009223  1.848  0.06459 . 
sex -0.513219  0.598566  0.167458 -3.065  0.00218 **
`,
	} {
		found := false
		for _, f := range report(t, "out.txt", []byte(text)).Findings {
			found = found || f.Rule == "sdc.small_count" && f.Confidence == "sure"
		}
		require.True(t, found, name)
	}
	require.Contains(t, sure(report(t, "out.txt", []byte(survfit))), "sdc.survival_steps 1-2", "R, survfit")
}

const survfit = `Call: survfit(formula = Surv(time, status) ~ 1, data = lung)

 time n.risk n.event survival std.err lower 95% CI upper 95% CI
    5    228       1   0.9956 0.00438       0.9871        1.000
   11    227       3   0.9825 0.00869       0.9656        1.000
   12    224       1   0.9781 0.00970       0.9592        0.997
   13    223       2   0.9693 0.01142       0.9472        0.992
`

// What follows a table, or looks like the print of one variable, is none of its rows.
func TestPrintedNumbersThatAreNoCounts(t *testing.T) {
	for name, text := range map[string]string{
		"a test behind a table": "sex     no   yes  Total\nF      140    50    190\nM      135    60    195\n\nPearson chi2(1) = 4   Pr = 3\n",
		"quartiles":             "  Min Q1 Median Mean Q3 Max\n   1  2      3    4  5   9\n",
		"a model": `Call:
lm(formula = mpg ~ wt + hp, data = d)

Residuals:
   Min     1Q Median     3Q    Max 
-3.941 -1.600 -0.182  1.050  5.854 

Coefficients:
            Estimate Std. Error t value Pr(>|t|)    
(Intercept) 37.22727    1.59879  23.285  < 2e-16 ***
wt          -3.87783    0.63273  -6.129 1.12e-06 ***
hp          -0.03177    0.00903  -3.519  0.00145 ** 
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

Residual standard error: 2.593 on 2900 degrees of freedom
Multiple R-squared:  0.8268,	Adjusted R-squared:  0.8148 
F-statistic: 69.21 on 2 and 2900 DF,  p-value: 9.109e-12
`,
		"Stata's regression": `. regress bpsyst age i.sex bmi

      Source |       SS           df       MS      Number of obs   =     1,204
-------------+----------------------------------   F(3, 1200)      =     84.12
       Model |  9.1432e+04         3  30477.3333   Prob > F        =    0.0000
    Residual |  4.3476e+05     1,200  362.300000   R-squared       =    0.1738
-------------+----------------------------------   Adj R-squared   =    0.1717
       Total |  5.2619e+05     1,203   437.39817   Root MSE        =    19.034

------------------------------------------------------------------------------
      bpsyst | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
         age |   .6401292   .0430201    14.88   0.000     .5557268    .7245316
             |
         sex |
     female  |  -4.120012   1.100213    -3.74   0.000    -6.278553   -1.961471
         bmi |   .4120291   .1200123     3.43   0.001     .1765728    .6474854
       _cons |   96.12043   4.102931    23.43   0.000     88.07079    104.1701
------------------------------------------------------------------------------
`,
	} {
		for _, f := range report(t, "out.txt", []byte(text)).Findings {
			require.False(t, f.Rule == "sdc.small_count" && f.Confidence == "sure", name)
		}
	}
}

func TestCountsAsTablesWriteThem(t *testing.T) {
	for name, table := range map[string]string{
		"two lines of headers":      "Count\n,,smoker,,Total\n,,no,yes,\nsex,male,150,48,198\n,female,120,7,127\nTotal,,270,55,325\n",
		"groups of three by spaces": "group,n\nA,\"1 210\"\nB,6\nC,\"2 101\"\n",
		"by narrow spaces":          "group,n\nA,1\u202f210\nB,6\nC,2\u202f101\n",
		"by apostrophes":            "Gruppe;Anzahl\nA;1'210\nB;6\nC;2'101\n",
		"with what they are of":     "group,control,drug\nA,12/350 (3.4%),40/340 (11.8%)\nB,6/350 (1.7%),50/340 (14.7%)\n",
		"behind the percentage":     "group,control,drug\nA,3.4% (12),11.8% (40)\nB,1.7% (6),14.7% (50)\n",
		"below a percent":           "group,control,drug\nA,120 (34%),40 (11.8%)\nB,3 (<1%),50 (14.7%)\n",
		"beside means":              "variable,control,drug\nage,45.2 (12.1),46.1 (11.9)\nmale,70 (46.1%),72 (48.6%)\nrare,3 (2.0%),19 (6.1%)\nn,152,148\n",
		"Danish":                    "gruppe;antal\nA;210\nB;6\n",
		"Italian":                   "gruppo,conteggio\nA,210\nB,6\n",
		"Japanese":                  "群,人数\nA,210\nB,6\n",
	} {
		found := false
		for _, f := range report(t, "a.csv", []byte(table)).Findings {
			found = found || f.Rule == "sdc.small_count" && f.Confidence == "sure"
		}
		require.True(t, found, name)
	}
	for name, table := range map[string]string{
		"percentiles":       "group,p25,p50,p75,n\nA,3,5,8,210\nB,2,4,9,190\n",
		"telephone numbers": "site,desk\nA,020 123 456\nB,020 124 457\n",
	} {
		for _, f := range report(t, "a.csv", []byte(table)).Findings {
			require.False(t, f.Rule == "sdc.small_count" && f.Confidence == "sure", name)
		}
	}
}
