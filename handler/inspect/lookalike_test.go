package inspect_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// Tables and texts that have small whole numbers, and no small group of people, ask nothing of anybody.
func TestOutputsThatLookLikeSmallCounts(t *testing.T) {
	rules, err := inspect.NewRuleSet(true, "opensafely", nil)
	require.NoError(t, err)
	for _, c := range []struct{ name, content string }{
		{"likert.csv", "question,mean score,sd\nQ1,4,1\nQ2,3,2\nQ3,5,1\nQ4,2,1\nQ5,3,1\nQ6,4,2\n"},
		{"coef.csv", "term,estimate,std_error,p\nage,1,2,0\nsex,3,1,1\nbmi,2,1,0\n"},
		{"ranks.csv", "country,rank\nUK,1\nFR,2\nDE,3\nIT,4\nES,5\nPT,6\n"},
		{"params.csv", "parameter,value\nlearning_rate,0.1\nepochs,5\nlayers,3\nunits,64\nbatch,32\nseed,7\n"},
		{"confusion.csv", "actual,predicted_no,predicted_yes\nno,1200,85\nyes,90,400\n"},
		{"dict.csv", "variable,type,levels,missing allowed\nage,integer,0,no\nsex,factor,2,no\nregion,factor,9,yes\nstage,factor,4,yes\n"},
		{"months.csv", "month,admissions\n1,1200\n2,1150\n3,1300\n4,1250\n5,1185\n6,1210\n"},
		{"agebands.csv", "age_band,patients\n0-4,120\n5-9,250\n10-14,330\n15-19,415\n80+,90\n90+,25\n"},
		{"rates.csv", "region,rate per 1000\nNorth,3.2\nSouth,4.1\nEast,5.0\n"},
		{"ward.csv", "ward,deprivation_decile\nA,1\nB,4\nC,7\nD,9\nE,10\nF,3\n"},
		{"score.csv", "model,auc,folds\nrf,0.81,5\nlr,0.78,5\nxgb,0.83,5\n"},
		{"km.csv", "time,n.risk,n.event,survival\n0,500,0,1.0\n10,450,50,0.9\n20,400,50,0.8\n30,350,50,0.7\n"},
		{"version.csv", "package,version\npandas,2\nnumpy,1.26\nscipy,1.11\n"},
		{"log.txt", "2026-01-02 10:00:00 INFO loaded 3 files\n2026-01-02 10:00:01 INFO fitted 5 models\n2026-01-02 10:00:02 INFO done in 7 s\n"},
		{"summary.txt", "Call:\nlm(formula = y ~ x)\n\nResiduals:\n    Min      1Q  Median      3Q     Max \n-3.0000 -0.5000  0.0000  0.5000  3.0000 \n\nCoefficients:\n            Estimate Std. Error t value Pr(>|t|)    \n(Intercept)  3.00000    0.50000   6.000 1.00e-05 ***\nx            2.00000    0.10000  20.000  < 2e-16 ***\n\nResidual standard error: 1.2 on 498 degrees of freedom\n"},
		{"conf.json", "{\"epochs\": 5, \"layers\": [3, 4, 5], \"name\": \"model\", \"folds\": 3}\n"},
		{"vega.json", "{\"mark\": \"bar\", \"encoding\": {\"x\": {\"bin\": true}, \"y\": {\"aggregate\": \"count\"}}}\n"},
		{"req.txt", "numpy==1.26.4\npandas==2.1.0\nscipy==1.11.3\n"},
		{"README.md", "# Results\n\nWe looked at 3 models and 5 outcomes.\n\n| model | AUC |\n|---|---|\n| rf | 0.81 |\n| lr | 0.78 |\n"},
		{"icd.csv", "code,description\nI21,Acute myocardial infarction\nE11,Type 2 diabetes\nC50,Malignant neoplasm of breast\nJ45,Asthma\n"},
		{"snomed.csv", "code,term\n22298006,Myocardial infarction\n73211009,Diabetes mellitus\n195967001,Asthma\n38341003,Hypertensive disorder\n44054006,Diabetes mellitus type 2\n84114007,Heart failure\n"},
		{"years.csv", "year,Deaths\n2015,1205\n2016,1250\n2017,1310\n2018,1290\n2019,1345\n2020,1600\n"},
		{"hr.csv", "variable,HR,lower,upper\nage,1,1,1\nsex,2,1,3\nsmoking,3,2,5\n"},
		{"deciles.csv", "decile,threshold\n1,3\n2,5\n3,8\n4,12\n5,15\n6,19\n7,24\n8,31\n9,42\n"},
		{"dates.csv", "week,start\n1,2026-01-05\n2,2026-01-12\n3,2026-01-19\n"},
		{"bins.csv", "bin_start,bin_end,count\n0,10,120\n10,20,250\n20,30,335\n30,40,180\n40,50,60\n50,60,25\n"},
		{"follow.csv", "group,median follow-up (years),n\ntreated,4,500\ncontrol,5,505\n"},
		{"tbl1.csv", ",Overall,Treated,Control\nn,1000,500,500\n\"Age, mean (SD)\",54 (12),54 (12),53 (11)\n\"Male, n (%)\",480 (48.0),240 (48.0),240 (48.0)\n\"Visits, median [IQR]\",3 [2-5],3 [2-5],4 [2-6]\n"},
		{"gwas.csv", "snp,chr,pos,beta,se,p\nrs1,1,752566,0.01,0.02,0.5\nrs2,2,768448,0.03,0.02,0.1\nrs3,3,1005806,-0.02,0.01,0.04\nrs4,4,1018704,0.01,0.01,0.3\n"},
		{"contact.md", "Questions? Write to the team in room 4, building 12, extension 4411.\n"},
		{"fig.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='3' height='5'/></svg>"},
		{"sens.csv", "threshold,sensitivity,specificity\n1,1,0\n2,1,1\n3,0,1\n"},
		{"imp.csv", "feature,importance,rank\nage,0.4,1\nbmi,0.3,2\nsex,0.1,3\n"},
		{"quarter.csv", "quarter,north,south\nQ1,120,135\nQ2,140,155\nQ3,125,90\nQ4,110,105\n"},
	} {
		for _, j := range rules.Apply(report(t, c.name, []byte(c.content))) {
			require.False(t, j.Confidence == inspect.Sure && j.Action != inspect.ActNote, "%s: %s %s", c.name, j.Rule, j.Bucket)
		}
	}
}
