module example.org/airlock/corpus/types

go 1.26

require github.com/gabriel-vasile/mimetype v1.4.16
