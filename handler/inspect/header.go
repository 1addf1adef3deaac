package inspect

import (
	"slices"
	"strings"
	"unicode"
)

// headerClass is what the words of a header, or of a row's label, say about the
// numbers beside it. It stands for the header in the state and in findings.
type headerClass uint32

const (
	headCount    headerClass = 1 << iota // numbers of people or events
	headVeto                             // numbers that are no counts
	headTotal                            // a sum over the others
	headMinMax                           // smallest or largest value
	headStat                             // a statistic that needs a number of people beside it
	headPercent                          // a share
	headID                               // tells rows apart
	headResidual                         // residuals, fitted values and the like
	headTime                             // time, in survival tables
	headAtRisk                           // number at risk, in survival tables
	headMidpoint                         // rounded to midpoints of six, by its name
	headName                             // names of people
	headBirth                            // dates of birth
	headGeo                              // coordinates
	headNational                         // national identity numbers, of any country
	headPhone
	headPostcode
	headStrong // counts, and nothing that could be a category as well
	headEmpty
	headCalled    // names of people, or of things
	headAttribute // attributes of people that others know
	headSetting   // where and when something was, and what
	headEstimate  // results of models, and values that any statistic may be
	headEvent     // days of other things than births
)

// lexicon maps words of headers to classes: English, and the commonest ones of
// German, French, Spanish and Dutch. Words are compared whole.
var lexicon = func() map[string]headerClass {
	words := map[headerClass]string{
		headCount: "n count counts freq frequency frequencies number num no nb nobs obs observations cases case events event patients patient persons people participants subjects individuals " +
			"total numerator denominator population pop deaths died admissions births registrations attendance attendances referrals respondents infections diagnoses discharges hospitalisations hospitalizations vaccinations episodes records size women men males females cells tally " +
			"antal antall lukumäärä recuento conteggio frequenza contagem frequência frequencia liczba počet personer personas persone pessoas casi pazienti patienter pasienter 人数 件数 度数 计数 频数 " +
			"anzahl fälle faelle häufigkeit haeufigkeit personen patienten effectif effectifs nombre cas casos número numero frecuencia personas pacientes aantal gevallen personen",
		headVeto: "mean average avg median sd std stdev stddev var variance se sem stderr per rate rates ratio percent percentage pct perc proportion prop share year years yr age ages score scores p pvalue pval ci lower upper " +
			"coef coefficient estimate beta or hr rr odds hazard id identifier code codes rank ranking min max minimum maximum range prob probability index idx order date month day week hour time weight height bmi " +
			"quantile quartile percentile iqr p5 p10 p25 p50 p75 p90 p95 p99 t z f chi2 statistic df aic bic r2 rsquared loglik price cost income amount value level grade stage zip postcode phone latitude longitude lat lon lng x y " +
			"mittelwert standardabweichung anteil prozent jahr alter moyenne écart taux pourcentage année âge media mediana desviación tasa porcentaje año edad gemiddelde percentage jaar leeftijd temperature pressure mpg speed sensitivity specificity accuracy precision recall auc auroc kappa threshold cutoff importance",
		headStrong:   "n count counts freq frequency frequencies nobs",
		headTotal:    "total totals all sum overall margin margins gesamt insgesamt summe ensemble totaal totale suma",
		headMinMax:   "min max minimum maximum range smallest largest lowest highest kleinster größter",
		headStat:     "mean average avg median sd std stdev variance rate ratio proportion prevalence incidence mittelwert moyenne media gemiddelde",
		headPercent:  "percent percentage pct perc proportion share prozent anteil pourcentage porcentaje",
		headID:       "id identifier pid mrn uuid guid pseudonym pseudo subjectid patientid participantid personid studyid recordid caseid userid hospno nhsno eid respondent",
		headResidual: "residual residuals resid fitted hat leverage cooksd cooks dfbeta dffits rstudent rstandard",
		headTime:     "time tstart tstop timeline duration followup",
		headAtRisk:   "risk atrisk nrisk",
		headMidpoint: "midpoint6",
		headName:     "surname forename firstname lastname familyname givenname fullname patientname vorname nachname nom prénom prenom apellido nombrepila achternaam voornaam",
		headCalled:   "name names naam",
		headBirth:    "dob birth birthdate dateofbirth birthday geburtsdatum naissance nacimiento geboortedatum",
		headGeo:      "latitude longitude lat lon lng long easting northing",
		headNational: "nhs nhsno nhsnumber chi chino nino ssn bsn nir pesel pps ppsn tfn nhi dni nie nif cpr fnr personnummer fodselsnummer steuerid idnr sin medicare nationalid passport mrn",
		headPostcode: "postcode postcodes zip zipcode plz",
		headAttribute: "age ages agegroup ageband sex gender yob birthyear ethnicity ethnic race nationality citizenship religion marital maritalstatus civilstatus occupation job profession employment employer education qualification language disability " +
			"alter geschlecht geburtsjahr familienstand beruf bildung nationalität âge sexe profession nationalité edad sexo profesión nacionalidad leeftijd geslacht beroep", //nolint:misspell // words of headers, in any spelling
		headSetting: "region area district county city town village municipality state province country postcode zip zipcode plz lsoa msoa ward practice hospital site centre center clinic ward address " + //nolint:misspell // words of headers, in any spelling
			"date year admission discharge visit diagnosis icd icd10 cause procedure ort wohnort bundesland landkreis gemeinde datum diagnose ville commune département région fecha municipio provincia ciudad",
		headEstimate: "or hr rr odds hazard coef coefficient estimate beta p pvalue pval ci lower upper se stderr sem z t f chi2 statistic auc auroc r2 importance value prevalence incidence",
		headEvent: "publication published publisher issue issued release released accepted received submitted founded established opened built launch launched enacted signed effective start started begin began end ended until from to closed election battle " +
			"admission admitted discharge discharged visit appointment diagnosis diagnosed onset death died dod deceased treatment surgery operation procedure sample collection collected specimen test tested report reported registration registered enrolment enrollment enrolled " +
			"recruited consent randomisation randomised randomization randomized followup exit entry event baseline created modified updated next due expiry expires ordered paid payment hired employed contract married wedding flight", //nolint:misspell // words of headers, in any spelling
		headPhone: "phone telephone tel mobile telefon téléphone teléfono",
	}
	out := map[string]headerClass{}
	for class, list := range words {
		for word := range strings.FieldsSeq(list) {
			out[word] |= class
		}
	}
	return out
}()

// phrases are classes of words that say more together.
var phrases = []struct {
	words string
	class headerClass
}{
	{"at risk", headAtRisk | headCount}, {"n risk", headAtRisk | headCount}, {"first name", headName}, {"last name", headName}, {"family name", headName}, {"given name", headName},
	{"full name", headName}, {"patient name", headName}, {"date of birth", headBirth}, {"birth date", headBirth}, {"ni no", headNational}, {"national insurance", headNational}, {"social security", headNational},
	{"no observations", headCount}, {"number of", headCount}, {"no of", headCount}, {"cook s d", headResidual}, {"cooks d", headResidual}, {"subject id", headID}, {"patient id", headID},
}

// classOf looks at the text of a header.
func classOf(text string) headerClass {
	text = strings.TrimSpace(text)
	if text == "" {
		return headEmpty
	}
	if len(text) > 200 {
		return 0
	}
	if c := cellOf(text); c.kind == cellPercent || c.kind == cellReal {
		class := headVeto // quantiles and probabilities as headers
		if c.kind == cellPercent && (c.value == 0 || c.value == 100) {
			class |= headMinMax
		}
		return class
	}
	if len(text) == 1 && upper(text[0]) && text != "N" {
		return 0 // a category, as F and M are
	}
	words := wordsOf(text)
	if len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !compass[w] }) {
		return 0 // "NW-SE" is no standard error
	}
	var class headerClass
	for _, w := range words {
		class |= lexicon[w]
	}
	joined := " " + strings.Join(words, " ") + " "
	for _, p := range phrases {
		if strings.Contains(joined, " "+p.words+" ") {
			class |= p.class
		}
	}
	if class.is(headVeto) && inBand(text, words) {
		class &^= headVeto
	}
	if class.is(headID) && !ofPeople(words) {
		class &^= headID
	}
	if strings.ContainsRune(text, '%') {
		class |= headVeto | headPercent
	}
	if len(words) > 1 && lexicon[strings.Join(words, "")]&(headID|headName|headBirth|headNational|headAtRisk|headMidpoint) != 0 {
		class |= lexicon[strings.Join(words, "")]
	}
	return class
}

// compass are the points of the compass that are classes by themselves, and those beside them.
var compass = map[string]bool{"n": true, "ne": true, "e": true, "se": true, "s": true, "sw": true, "w": true, "nw": true}

// peopleWords may stand beside "id": other ids, as those of genes, are no people's.
var peopleWords = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("patient person participant subject study record case user respondent pseudo pseudonym pseudonymised hospital member client individual row unique household no number num key employee customer") {
		out[w] = true
	}
	return out
}()

func ofPeople(words []string) bool {
	for _, w := range words {
		if lexicon[w]&headID == 0 && !peopleWords[w] && lexicon[w]&headNational == 0 {
			return false
		}
	}
	return true
}

// wordsOf splits a header at characters that are no letter or digit, and where small letters
// turn large, into words in lower case.
func wordsOf(text string) []string {
	var words []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			words = append(words, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	lower := false
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.IsUpper(r) && lower {
			flush()
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			word.WriteRune(r)
		}
		lower = unicode.IsLower(r)
	}
	flush()
	return words
}

// counts reports whether a header is one of counts for sure. A word of counting
// beside one that is not, as in "mean count" and "patient age", is none, but "n"
// and "number of" win over the name of what is counted.
func (h headerClass) counts() bool { return h&headCount != 0 && h&headVeto == 0 }

func (h headerClass) is(class headerClass) bool { return h&class != 0 }
