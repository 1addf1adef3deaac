terraform {
  # The provider is infra/stage's.
  required_version = ">= 1.11"
}
