# Infrastructure and package; included by the Makefile.

GOARCH_PACKAGE ?= amd64

.PHONY: package
package: build/tools/cyclonedx-gomod portal ## make build/airlock-linux-amd64.zip, what is deployed, and its SBOM (GOARCH_PACKAGE=arm64 for the other)
	go run ./infra/pack -arch $(GOARCH_PACKAGE) -sbom build/tools/cyclonedx-gomod -out build/airlock-linux-$(GOARCH_PACKAGE).zip

.PHONY: infra-tools
infra-tools: tools-go
	infra/tools/install.sh

.PHONY: infra-test
infra-test: infra-tools build/azurite/.installed portal ## check the Terraform code without Azure (the first time builds its tools, about 12 minutes)
	go test -tags infra -count=1 -timeout 30m ./infra/...
