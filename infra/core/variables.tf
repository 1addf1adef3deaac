variable "tre_id" {
  description = "Short id of the TRE; the names of the core accounts end in it. 3-11 lower-case letters and digits."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,10}$", var.tre_id))
    error_message = "tre_id has 3 to 11 lower-case letters and digits and begins with a letter: stalimblocked + tre_id must fit into 24 characters."
  }
}

variable "resource_group_name" {
  description = "Existing resource group that takes everything of this module."
  type        = string
}

variable "location" {
  description = "Azure region of everything, e.g. uksouth. One that offers Flex Consumption and availability zones."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

variable "names" {
  description = <<-E
    Names to use instead of the derived ones, for a TRE id that somebody else in the world has taken already. Keys: the five
    core stage accounts (stalimex, stalimip, stalimrej, stalimblocked, stalexapp), in the compact layout stalcore, and stalstate, stalevidence, stalhost, vault, app.
  E
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition = alltrue([for k in keys(var.names) : contains([
      "stalimex", "stalimip", "stalimrej", "stalimblocked", "stalexapp", "stalcore",
      "stalstate", "stalevidence", "stalhost", "vault", "app",
    ], k)])
    error_message = "names has an unknown key."
  }
}

# ---- network -----------------------------------------------------------------------------------------------------------------

variable "function_subnet_id" {
  description = "Subnet of the core network through which the app goes out. Delegated to Microsoft.App/environments (flex) or Microsoft.Web/serverFarms (premium)."
  type        = string
}

variable "private_endpoint_subnet_ids" {
  description = <<-E
    Subnets of the core network that take the private endpoints, by who has to reach them: stages (the service alone; the core's
    stages and five for each workspace), review (the service, and airlock managers: stalimip) and operations (the service, and
    whoever runs Terraform or verifies evidence: state, evidence, host storage, vault, topics). Each needs
    private_endpoint_network_policies and a network security group that lets nobody else in, as in infra/examples/complete.
  E
  type        = object({ stages = string, review = string, operations = string })
}

variable "review_endpoints" {
  description = "Further networks from which airlock managers open files under review (review workspaces), by a short name: each gets a private endpoint to stalimip in this subnet, written into the blob zone of that network. Two networks must not share a zone, nor one of them the core's."
  type        = map(object({ subnet_id = string, private_dns_zone_id = string }))
  default     = {}
  nullable    = false
  validation {
    condition     = !contains(keys(var.review_endpoints), "core")
    error_message = "The name core is taken by the service's endpoint."
  }
}

variable "private_dns_zone_ids" {
  description = "Ids of the private DNS zones privatelink.{blob,queue,table}.core.windows.net, privatelink.vaultcore.azure.net and privatelink.eventgrid.azure.net, linked to the core network and to no workspace network: those have a blob zone of their own."
  type = object({
    blob      = string
    queue     = string
    table     = string
    vault     = string
    eventgrid = string
  })
}

variable "private_topics" {
  description = "Publish events through private endpoints only. Costs one endpoint per topic; false = public endpoint, still Entra tokens only."
  nullable    = false
  type        = bool
  default     = true
}

variable "internet_ip_ranges" {
  description = "Public IPv4 ranges that may use links to stalimex and stalexapp. Empty = the whole internet (with a link), as the specification has it."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "api_ip_ranges" {
  description = "Ranges (CIDR) that may call the HTTP API. Empty = everybody with a token. Event Grid, the availability test and deployer_ip_ranges are let through in any case."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for range in var.api_ip_ranges : can(cidrhost(range, 0))])
    error_message = "api_ip_ranges has ranges in CIDR form, such as 203.0.113.0/24."
  }
}

# Terraform inside the core network has no range here, and its way out of the network is somebody else's.
check "the_deployer_reaches_the_app" {
  assert {
    condition     = length(var.api_ip_ranges) == 0 || length(var.deployer_ip_ranges) > 0 || var.package_path == null || var.plan == "premium"
    error_message = "With api_ip_ranges the deployment of the package ends only if this machine gets to the app: without deployer_ip_ranges the public address it goes out with must be in api_ip_ranges."
  }
}

variable "deployer_ip_ranges" {
  description = "Public addresses (plain or CIDR up to /30) from which Terraform runs. They get to the app where api_ip_ranges closes it, since a deployment ends when the app answers, and with plan = premium to the host's storage, for the package. Nothing else is open to them."
  type        = list(string)
  default     = []
}

variable "deployer_object_id" {
  description = "plan = premium: object id of whoever runs Terraform, if it is not the identity of the azurerm provider. It may upload the package."
  type        = string
  default     = null
}

variable "auditor_object_ids" {
  description = "Entra groups or people who verify anchors and receipts with airlock-verify: object ids. They read evidence, from operator_ip_ranges. The public keys they need are at GET /api/receipt-keys."
  type        = set(string)
  default     = []
  nullable    = false
}

# ---- identity of people ------------------------------------------------------------------------------------------------------

variable "api" {
  description = "The TRE's app registrations: audience (client id of the core API), root_scope (api://...), client_id (public client of the user interface)."
  type = object({
    audience   = string
    root_scope = string
    client_id  = string
  })
}

variable "token_issuer" {
  description = "OIDC issuer of people's tokens; null = https://login.microsoftonline.com/TENANT/v2.0."
  type        = string
  default     = null
}

variable "directory" {
  description = "Where addresses of role members come from: graph (needs the Graph permissions of docs/DEPLOY.md) or contacts (the registry row)."
  type        = string
  default     = "graph"
  validation {
    condition     = contains(["graph", "contacts"], var.directory)
    error_message = "directory must be graph or contacts."
  }
}

variable "portal_origins" {
  description = "Further origins that the portal is opened at, e.g. https://airlock.example.org of a gateway; the app's own is always there."
  type        = list(string)
  default     = []
}

variable "request_url" {
  description = "Link to a request in notifications, with {workspace_id} and {request_id}; null = its page on the portal."
  type        = string
  default     = null
  validation {
    condition     = var.request_url == null ? true : strcontains(var.request_url, "{workspace_id}") && strcontains(var.request_url, "{request_id}")
    error_message = "request_url must contain {workspace_id} and {request_id}."
  }
}

variable "link_base" {
  description = "How links handed to people begin; {account} is replaced. null = https://{account}.blob.SUFFIX."
  type        = string
  default     = null
  validation {
    condition     = var.link_base == null ? true : strcontains(var.link_base, "{account}")
    error_message = "link_base must contain {account}."
  }
}

variable "storage_suffix" {
  description = "DNS suffix of storage: core.windows.net, in other clouds e.g. core.usgovcloudapi.net."
  type        = string
  default     = "core.windows.net"
}

# ---- app ---------------------------------------------------------------------------------------------------------------------

variable "plan" {
  description = "Hosting plan: flex (Flex Consumption, pays per use) or premium (Elastic Premium, always warm)."
  type        = string
  default     = "flex"
  validation {
    condition     = contains(["flex", "premium"], var.plan)
    error_message = "plan must be flex or premium."
  }
}

variable "premium_sku" {
  description = "Size of the Elastic Premium plan."
  type        = string
  default     = "EP1"
  nullable    = false
  validation {
    condition     = contains(["EP1", "EP2", "EP3"], var.premium_sku)
    error_message = "premium_sku must be EP1, EP2 or EP3."
  }
}

variable "flex" {
  description = <<-E
    Flex Consumption: memory of an instance (512, 2048 or 4096 MB, with 0.25, 1 or 2 cores; a GiB of files takes about 5 s of a core,
    docs/PERFORMANCE.md), most instances, and instances that are always ready, by scaling
    group: http, blob, or function:NAME for each event or timer function. A group that scaled to zero answers Event Grid's first
    call with 401 and gets the event minutes later. By default those are ready whose event nothing else makes up for in time:
    OnScanResult (a request waits for its verdict), and blob, the notice of a dead letter.
  E
  type = object({
    instance_memory_mb     = optional(number, 512)
    maximum_instance_count = optional(number, 40)
    always_ready           = optional(map(number), { blob = 1, "function:OnScanResult" = 1 })
  })
  default  = {}
  nullable = false
  validation {
    condition     = contains([512, 2048, 4096], var.flex.instance_memory_mb)
    error_message = "instance_memory_mb must be 512, 2048 or 4096."
  }
  validation {
    condition     = var.flex.maximum_instance_count >= 1 && var.flex.maximum_instance_count <= 1000
    error_message = "maximum_instance_count must be between 1 and 1000."
  }
  validation {
    condition = alltrue([for group, count in var.flex.always_ready :
      can(regex("^(http|blob|function:[A-Za-z]+)$", group)) && count >= 0 && floor(count) == count
    ])
    error_message = "always_ready has whole numbers by group: http, blob or function:NAME."
  }
  validation {
    condition     = sum(concat([0], values(var.flex.always_ready))) <= var.flex.maximum_instance_count
    error_message = "More instances are always ready than there may be."
  }
}

variable "package_path" {
  description = "The zip of `make package`. A new file is deployed with the next apply; null = somebody else deploys it (flex only): an apply that makes the app waits 20 minutes for that, since nothing can be subscribed to functions that are not there."
  type        = string
  default     = null
}

variable "reconcile_schedule" {
  description = "NCRONTAB schedule of the reconciler."
  type        = string
  default     = "0 * * * * *"
  nullable    = false
}

variable "reconcile_grace" {
  description = "How long the reconciler leaves a step to its event (Go duration)."
  type        = string
  default     = "30s"
  nullable    = false
}

variable "plain_errors" {
  description = "Errors as plain text for clients that do not name JSON, such as AzureTRE's UI; set it where the airlock stands in the place of AzureTRE's."
  type        = bool
  default     = false
  nullable    = false
}

# ---- storage -----------------------------------------------------------------------------------------------------------------

variable "layout" {
  description = "separate: each stage has an account of its own. compact: stalimip, stalimrej and stalimblocked share one, for less money and a wall less between them (docs/THREATS.md). Requests keep the accounts they were made in, so it is chosen before the first one."
  type        = string
  default     = "separate"
  nullable    = false
  validation {
    condition     = contains(["separate", "compact"], var.layout)
    error_message = "layout must be separate or compact."
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
    stalimex      = optional(number, 0)
    stalimip      = optional(number, 0)
    stalimrej     = optional(number, 0)
    stalimblocked = optional(number, 7)
    stalexapp     = optional(number, 0)
  })
  default  = {}
  nullable = false
}

variable "worm_days" {
  description = "Days for which anchors and receipts can be neither changed nor deleted. 2557 = seven years."
  type        = number
  default     = 2557
  validation {
    condition     = var.worm_days >= 1 && var.worm_days <= 146000
    error_message = "worm_days must be between 1 and 146000."
  }
}

variable "worm_locked" {
  description = "Lock the immutability policies. It cannot be undone by anybody, Microsoft included: try the deployment out first, then set it to true."
  type        = bool
  default     = false
}

variable "state_key_version" {
  description = "Raise by one for a new version of the key that seals the rows of the tables. What older versions sealed stays readable with them; Key Vault keeps them, leave them enabled."
  type        = number
  default     = 1
  nullable    = false
}

# ---- scanning ----------------------------------------------------------------------------------------------------------------

variable "malware_scanning" {
  description = "Defender for Storage on stalimip. false only where every workspace's policy switches scanning off."
  type        = bool
  default     = true
  nullable    = false
}

variable "scan_cap_gb_per_month" {
  description = "Most gigabytes Defender scans per month and account; beyond it files get no verdict and the policy for inconclusive scans applies. -1 = no limit."
  type        = number
  default     = 1000
  validation {
    condition     = var.scan_cap_gb_per_month == -1 || var.scan_cap_gb_per_month > 0
    error_message = "scan_cap_gb_per_month must be -1 or above 0."
  }
}

# ---- watching ----------------------------------------------------------------------------------------------------------------

variable "log_retention_days" {
  description = "Days the logs are kept."
  type        = number
  default     = 90
  nullable    = false
}

variable "storage_logs" {
  description = "Log every read, write and delete in the stage accounts."
  type        = bool
  default     = true
  nullable    = false
}

variable "alert_emails" {
  description = "Operators who get the alerts, by a short name."
  type        = map(string)
  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "Somebody has to get the alerts."
  }
}

variable "runbook_url" {
  description = "Where your operators read docs/RUNBOOK.md: alert mails link to its headings."
  type        = string
  default     = "docs/RUNBOOK.md"
  nullable    = false
}

variable "role_propagation_seconds" {
  description = "Pause after granting roles and before using them; Azure needs up to some minutes."
  type        = number
  default     = 90
}
