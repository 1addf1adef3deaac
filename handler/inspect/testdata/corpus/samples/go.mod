// Modules whose test data the rules are measured on. Nothing is built of them: go mod download checks them against go.sum.
module example.org/airlock/corpus/samples

go 1.26

require (
	github.com/bodgit/sevenzip v1.6.5
	github.com/klauspost/compress v1.20.4
	github.com/parquet-go/parquet-go v0.32.0
	github.com/pdfcpu/pdfcpu v0.15.0
	github.com/richardlehane/mscfb v1.0.9
	github.com/tealeg/xlsx/v3 v3.3.13
	github.com/thedatashed/xlsxreader v1.2.8
	github.com/xuri/excelize/v2 v2.11.1
	github.com/zricethezav/gitleaks/v8 v8.30.1
	github.com/gabriel-vasile/mimetype v1.4.16
)
