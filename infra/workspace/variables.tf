variable "core" {
  description = "Output for_workspaces of infra/core."
  type = object({
    tre_id                     = string
    subscription_id            = string
    location                   = string
    storage_suffix             = string
    portal_origins             = list(string)
    service_principal_id       = string
    service_endpoint           = object({ subnet_id = string, private_dns_zone_id = string })
    log_analytics_workspace_id = string
    storage_logs               = bool
    scan_results_topic_id      = string
    scanner_id                 = string
    tags_role_id               = string
    blob_created = object({
      function_id               = string
      dead_letter_account_id    = string
      dead_letter_container     = string
      dead_letter_container_id  = string
      max_delivery_attempts     = number
      event_time_to_live_minute = number
    })
  })
}

variable "workspace_id" {
  description = "Id of the workspace (a version 4 UUID in lower case), the same as in the TRE."
  type        = string
  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", var.workspace_id))
    error_message = "workspace_id must be a version 4 UUID in lower case."
  }
}

variable "resource_group_name" {
  description = "Existing resource group that takes everything of this module, usually the workspace's own."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

variable "account_names" {
  description = <<-E
    Names of some or all of the five accounts (stalimapp, stalexint, stalexip, stalexrej, stalexblocked), in the compact layout of
    the one (stalws), e.g. those of a workspace that exists already. What is missing is derived from a hash of subscription, TRE id and workspace id.
  E
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition     = alltrue([for code in keys(var.account_names) : contains(["stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked", "stalws"], code)])
    error_message = "account_names has an unknown key."
  }
  validation {
    condition     = alltrue([for name in values(var.account_names) : can(regex("^[a-z0-9]{3,24}$", name))])
    error_message = "A storage account's name has 3 to 24 lower-case letters and digits."
  }
  validation {
    condition     = length(distinct(values(var.account_names))) == length(var.account_names)
    error_message = "Two stages of the separate layout have two accounts."
  }
}

variable "layout" {
  description = "separate: each stage has an account of its own. compact: the five share one, for less money and a wall less between them (docs/THREATS.md). It is chosen before the first request: a workspace with requests keeps its accounts."
  type        = string
  default     = "separate"
  nullable    = false
  validation {
    condition     = contains(["separate", "compact"], var.layout)
    error_message = "layout must be separate or compact."
  }
}

variable "private_endpoint_subnet_id" {
  description = "Subnet of the workspace's network that takes the private endpoints people use. The service has its own, in the core network: peering the two is not needed."
  type        = string
}

variable "blob_private_dns_zone_id" {
  description = "Private DNS zone privatelink.blob.core.windows.net of the workspace's network: not the core's, since both hold an address of the same accounts."
  type        = string
  validation {
    condition     = lower(var.blob_private_dns_zone_id) != lower(var.core.service_endpoint.private_dns_zone_id)
    error_message = "The workspace's network needs a blob zone of its own: in the core's zone the two addresses of an account would overwrite each other."
  }
}

variable "stages_in_workspace_network" {
  description = "Stages with an endpoint in the workspace's network. The specification binds all five to it. Nobody gets a link to stalexrej and stalexblocked, so these two can be left out to save their endpoints. The compact layout has one endpoint in any case."
  type        = set(string)
  default     = ["stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"]
  nullable    = false
  validation {
    condition = alltrue(concat(
      [for code in ["stalimapp", "stalexint", "stalexip"] : contains(var.stages_in_workspace_network, code)],
      [for code in var.stages_in_workspace_network : contains(["stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"], code)],
    ))
    error_message = "People use stalimapp, stalexint and stalexip from the workspace; stalexrej and stalexblocked are the only others."
  }
}

variable "malware_scanning" {
  description = "Defender for Storage on stalexip. false only together with a policy that switches scanning off."
  type        = bool
  default     = true
  nullable    = false
}

variable "scan_cap_gb_per_month" {
  description = "Most gigabytes Defender scans per month in stalexip. -1 = no limit."
  type        = number
  default     = 1000
  validation {
    condition     = var.scan_cap_gb_per_month == -1 || var.scan_cap_gb_per_month > 0
    error_message = "scan_cap_gb_per_month must be -1 or above 0."
  }
}

variable "replication_type" {
  description = "Replication of the accounts: ZRS or LRS."
  type        = string
  default     = "ZRS"
  nullable    = false
}

variable "recoverable_days" {
  description = "Stage by stage: days for which the operator can undelete; 0 = deleted means gone; stages that share an account have the fewest days of theirs. The reasons are in infra/README.md."
  type = object({
    stalimapp     = optional(number, 0)
    stalexint     = optional(number, 0)
    stalexip      = optional(number, 0)
    stalexrej     = optional(number, 0)
    stalexblocked = optional(number, 7)
  })
  default  = {}
  nullable = false
}

# ---- registration ------------------------------------------------------------------------------------------------------------

variable "display_name" {
  description = "Name people see."
  type        = string
}

variable "description" {
  description = "What the workspace is for."
  type        = string
  default     = ""
}

variable "client_id" {
  description = "Client id of the workspace's app registration: the audience of its tokens."
  type        = string
}

variable "scope_id" {
  description = "Scope of the workspace's app registration; null = api://CLIENT_ID."
  type        = string
  default     = null
}

variable "service_principal_id" {
  description = "Object id of the workspace's enterprise application, for looking up role members in Graph; null with contacts."
  type        = string
  default     = null
}

variable "contacts" {
  description = "Role members and their addresses, for a core with directory = contacts, or as a supplement."
  type = object({
    owners          = optional(list(object({ id = string, name = string, email = string })), [])
    airlockManagers = optional(list(object({ id = string, name = string, email = string })), [])
    researchers     = optional(list(object({ id = string, name = string, email = string })), [])
  })
  default = {}
}

variable "policy" {
  description = "The workspace's policy as in docs (handler/airlock/policy.go); {} = the defaults."
  type        = any
  default     = {}
}
