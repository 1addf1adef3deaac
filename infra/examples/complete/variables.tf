variable "subscription_id" {
  description = "Subscription that takes everything."
  type        = string
}

variable "tre_id" {
  description = "Short id of the TRE, 3-11 lower-case letters and digits."
  type        = string
}

variable "location" {
  description = "Azure region."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

variable "core_address_space" {
  description = "Address space of the core network. A /22 has room for the endpoints of 100 workspaces; its last quarter stays free."
  type        = string
  default     = "10.20.0.0/22"
  validation {
    condition     = can(cidrsubnets(var.core_address_space, 1, 4, 4, 4)) && tonumber(split("/", var.core_address_space)[1]) <= 23
    error_message = "core_address_space must be a /23 or larger: a Functions subnet needs a /27."
  }
}

variable "review_ip_ranges" {
  description = "Private ranges from which airlock managers open imports under review (stalimip): a VPN, virtual desktops. They have to be routed to the core network, and resolve names by its zones."
  type        = list(string)
  default     = []
}

variable "operator_ip_ranges" {
  description = "Private ranges from which evidence is verified or state is looked at inside the network: state, evidence, vault. Routed and resolving like review_ip_ranges. Never a workspace's range."
  type        = list(string)
  default     = []
}

variable "api" {
  description = "The TRE's app registrations, see docs/DEPLOY.md."
  type = object({
    audience   = string
    root_scope = string
    client_id  = string
  })
}

variable "alert_emails" {
  description = "Operators who get the alerts."
  type        = map(string)
}

variable "layout" {
  description = "Accounts of the stages, of the core and of workspaces that say nothing else: separate, or compact for less money and fewer walls (docs/COSTS.md, docs/THREATS.md). Chosen before the first request."
  type        = string
  default     = "separate"
  nullable    = false
}

variable "workspaces" {
  description = "The workspaces, by a short name."
  type = map(object({
    workspace_id         = string
    display_name         = string
    description          = optional(string, "")
    client_id            = string
    service_principal_id = optional(string)
    address_space        = string
    scope_id             = optional(string)
    contacts = optional(object({
      owners          = optional(list(object({ id = string, name = string, email = string })), [])
      airlockManagers = optional(list(object({ id = string, name = string, email = string })), [])
      researchers     = optional(list(object({ id = string, name = string, email = string })), [])
    }), {})
    policy = optional(string, "{}") # JSON, see handler/airlock/policy.go

    # As in infra/workspace, where they are described; left out = its default.
    layout                      = optional(string) # var.layout
    account_names               = optional(map(string))
    malware_scanning            = optional(bool)
    replication_type            = optional(string)
    recoverable_days            = optional(map(number))
    stages_in_workspace_network = optional(set(string))
  }))
}

variable "core" {
  description = "More of infra/core, where each is described; what is left out has its default there. names is for a TRE id that is taken somewhere in the world."
  type = object({
    names              = optional(map(string))
    internet_ip_ranges = optional(list(string))
    api_ip_ranges      = optional(list(string))
    review_endpoints   = optional(map(object({ subnet_id = string, private_dns_zone_id = string })))
    auditor_object_ids = optional(set(string))
    deployer_object_id = optional(string)
    token_issuer       = optional(string)
    request_url        = optional(string)
    link_base          = optional(string)
    runbook_url        = optional(string)
    private_topics     = optional(bool)
    storage_logs       = optional(bool)
    log_retention_days = optional(number)
    malware_scanning   = optional(bool)
    replication_type   = optional(string)
    recoverable_days   = optional(map(number))
    state_key_version  = optional(number)
    premium_sku        = optional(string)
    flex = optional(object({
      instance_memory_mb     = optional(number)
      maximum_instance_count = optional(number)
      always_ready           = optional(map(number))
    }))
  })
  default = {}
}

variable "mail" {
  description = "How mail is sent, as in infra/notifier: connector office365; or acs with sender and acs; or smtp with sender, smtp and smtp_password. entra_audience: docs/DEPLOY.md."
  type = object({
    connector      = string
    sender         = optional(string)
    acs            = optional(object({ resource_id = string, endpoint = string }))
    smtp           = optional(object({ server = string, port = optional(number, 587), user = string }))
    entra_audience = optional(string)
    rules = optional(list(object({
      statuses = list(string)
      to       = list(string)
      also     = optional(list(string), [])
      subject  = string
      text     = string
    })))
  })
  default = { connector = "office365" }
}

variable "smtp_password" {
  description = "Password of the smtp user. It is kept in the state."
  type        = string
  default     = null
  sensitive   = true
}

variable "chat_webhook_url" {
  description = "Incoming webhook of a Teams channel or the like; null = none."
  type        = string
  default     = null
  sensitive   = true
}

variable "plan" {
  description = "flex or premium."
  type        = string
  default     = "flex"
}

variable "package_path" {
  description = "The zip of `make package`; null = somebody else deploys it while the apply waits."
  type        = string
  default     = null
}

variable "directory" {
  description = "graph or contacts."
  type        = string
  default     = "graph"
}

variable "deployer_ip_ranges" {
  description = "Public addresses from which Terraform runs, for core.api_ip_ranges and plan = premium; not needed otherwise."
  type        = list(string)
  default     = []
}

variable "scan_cap_gb_per_month" {
  description = "Most gigabytes scanned per month and in-progress account."
  type        = number
  default     = 1000
}

variable "worm_days" {
  description = "Days evidence cannot be changed."
  type        = number
  default     = 2557
}

variable "worm_locked" {
  description = "Lock the immutability policies for good."
  type        = bool
  default     = false
}

variable "role_propagation_seconds" {
  description = "Pause after granting roles."
  type        = number
  default     = 90
}
