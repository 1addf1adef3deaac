package inspect

// rWord is what a name in an R object stands for. It takes the name's place in the state.
type rWord uint16

const (
	rNames rWord = 1 << iota // names of attributes
	rRowNames
	rClass
	rDim
	rDimnames
	rLevels
	rFirst // functions that R runs by their names
	rFrame // classes of objects
	rTable
	rFactor
	rDate
	rModel
	rPlot
)

// rWordsOf are the names that matter. A class is that of any package whose objects keep the data
// that they were made from.
var rWordsOf = func() map[string]rWord {
	out := map[string]rWord{"names": rNames, "row.names": rRowNames, "class": rClass, "dim": rDim, "dimnames": rDimnames, "levels": rLevels,
		".First": rFirst, ".Last": rFirst,
		"data.frame": rFrame, "table": rTable, "factor": rFactor, "Date": rDate}
	for name := range setOf("lm glm mlm nls aov gam bam loess lmerMod glmerMod merMod lme coxph survreg survfit randomForest ranger rpart train model_fit workflow brmsfit stanfit stanreg glmnet cv.glmnet xgb.Booster svm ksvm nnet kmeans hclust prcomp princomp polr multinom clm zeroinfl hurdle feglm fixest felm plm rlm lqm rq mice mids") {
		out[name] = rModel
	}
	for name := range setOf("ggplot gg ggplot2::ggplot plotly htmlwidget trellis recordedplot grob gTree leaflet survminer ggsurvplot") {
		out[name] = rPlot
	}
	return out
}()
