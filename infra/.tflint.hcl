# The ruleset that is built into tflint; the azurerm ruleset would have to be downloaded.
config {
  call_module_type = "none"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
