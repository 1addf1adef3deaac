variable "stages" {
  description = "Which stages this account serves, by the names of the specification: one, e.g. stalimip, or in the compact layout all of a workspace's, or the core's private ones."
  type        = list(string)
  validation {
    condition = length(var.stages) == 1 ? contains([
      "stalimex", "stalimip", "stalimapp", "stalimrej", "stalimblocked",
      "stalexint", "stalexip", "stalexapp", "stalexrej", "stalexblocked",
      ], var.stages[0]) : contains([
      "stalexblocked stalexint stalexip stalexrej stalimapp",
      "stalimblocked stalimip stalimrej",
    ], join(" ", sort(var.stages)))
    error_message = "stages is one of the ten stages of the specification, or all five of a workspace, or stalimip, stalimrej and stalimblocked: others never share an account."
  }
}

variable "name" {
  description = "The account's name, unique in the whole of Azure: 3-24 lower-case letters and digits."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]{3,24}$", var.name))
    error_message = "A storage account's name has 3 to 24 lower-case letters and digits."
  }
}

variable "resource_group_name" {
  description = "Resource group of the account and of everything that belongs to it."
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

variable "replication_type" {
  description = "Replication of the account: LRS or ZRS. Never a geo-replicated one: the data would leave the region, and a deleted file would live on elsewhere for a while."
  type        = string
  default     = "ZRS"
  validation {
    condition     = contains(["LRS", "ZRS"], var.replication_type)
    error_message = "replication_type must be LRS or ZRS: airlock data stays in its region."
  }
}

variable "reach" {
  description = "Where people reach the account from: internet (a link is enough) or private (only through the private endpoints)."
  type        = string
  validation {
    condition     = contains(["internet", "private"], var.reach)
    error_message = "reach must be internet or private."
  }
}

variable "internet_ip_ranges" {
  description = "Only for reach = internet: public IPv4 ranges that may use links. Empty means the whole internet, as the specification has it."
  type        = list(string)
  default     = []
}

variable "browser_origins" {
  description = "Origins of the pages whose scripts may use links to this account: the portal's. Empty means none."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for origin in var.browser_origins : can(regex("^https://[^/*]+$", origin))])
    error_message = "browser_origins are https origins without a path; * would be any page at all."
  }
}

variable "private_endpoints" {
  description = "Subnets that get a private endpoint to this account, by a short name, each with the blob zone of its network: two endpoints must not share a zone. At least the one through which the service itself comes."
  type        = map(object({ subnet_id = string, private_dns_zone_id = string }))
  validation {
    condition     = length(var.private_endpoints) > 0
    error_message = "Every stage account needs a private endpoint: a server-side copy between firewalled accounts is allowed only to a caller that reaches both privately."
  }
  validation {
    condition     = length(distinct([for endpoint in values(var.private_endpoints) : lower(endpoint.private_dns_zone_id)])) == length(var.private_endpoints)
    error_message = "Two private endpoints of one account need two DNS zones: in one zone the second overwrites the first one's address, and takes it along when it is deleted."
  }
}

variable "recoverable_days" {
  description = "Days for which the operator can undelete a blob or container; 0 = deleted means gone. infra/README.md has the reasons stage by stage."
  type        = number
  validation {
    condition     = var.recoverable_days >= 0 && var.recoverable_days <= 365
    error_message = "recoverable_days must be between 0 and 365."
  }
}

variable "service_principal_id" {
  description = "Object id of the airlock's identity: the only one with a data role on this account."
  type        = string
}

variable "scan" {
  description = "Malware scanning of every upload by Defender for Storage; null where nothing is scanned."
  type = object({
    results_topic_id = string
    cap_gb_per_month = number
    scanner_id       = string
    tags_role_id     = string # the role that may read blob index tags
  })
  default = null
  validation {
    condition     = var.scan == null || var.events != null
    error_message = "A scanned stage needs events: Defender would make the account's only system topic itself."
  }
}

variable "events" {
  description = "Where 'a blob was created' goes; null where nobody needs to know (drafts)."
  type = object({
    function_id               = string
    dead_letter_account_id    = string
    dead_letter_container     = string
    dead_letter_container_id  = string
    max_delivery_attempts     = number
    event_time_to_live_minute = number
  })
  default = null
}

variable "logs" {
  description = "Where every read, write and delete of a blob is logged (also those made with a link); null = not logged."
  type        = object({ log_analytics_workspace_id = string })
  default     = null
}
