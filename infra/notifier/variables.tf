variable "tre_id" {
  description = "Short id of the TRE."
  type        = string
}

variable "resource_group_name" {
  description = "Existing resource group that takes everything of this module."
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

variable "topic_id" {
  description = "Output notification_topic.id of infra/core."
  type        = string
}

variable "dead_letters" {
  description = "Output dead_letters of infra/core."
  type = object({
    account_id            = string
    container             = string
    max_delivery_attempts = number
    event_time_to_live    = number
  })
}

variable "notified" {
  description = "Output notified of infra/core: the container in which the notifier notes what it has sent."
  type        = object({ container_id = string, url = string })
}

variable "action_group_id" {
  description = "Output action_group_id of infra/core: who is told that mails are not sent."
  type        = string
}

variable "runbook_url" {
  description = "Where your operators read docs/RUNBOOK.md."
  type        = string
  default     = "docs/RUNBOOK.md"
  nullable    = false
}

variable "connector" {
  description = "What sends the mail: office365 (a mailbox, consented once in the portal), acs (Azure Communication Services, by identity), smtp (a server with user and password)."
  type        = string
  validation {
    condition     = contains(["office365", "acs", "smtp"], var.connector)
    error_message = "connector must be office365, acs or smtp."
  }
}

variable "sender" {
  description = "Sender's address; for office365 null = the mailbox that consented."
  type        = string
  default     = null
}

variable "acs" {
  description = "connector = acs: resource id and endpoint (https://NAME.REGION.communication.azure.com) of the Communication Services resource."
  type        = object({ resource_id = string, endpoint = string })
  default     = null
}

variable "smtp" {
  description = "connector = smtp: server, port, user. The connection always uses TLS."
  type        = object({ server = string, port = optional(number, 587), user = string })
  default     = null
}

variable "smtp_password" {
  description = "connector = smtp: password of the user. Azure's connection keeps it, and so does the Terraform state: use acs or office365 where you can."
  type        = string
  default     = null
  sensitive   = true
}

variable "rules" {
  description = <<-E
    The rule table: which statuses send which text to whom; null = rules.json of this module. Each rule has
    statuses (list), to (list of: service = the addresses the airlock chose; requestor; workspace_owner, airlock_manager,
    workspace_researcher = all with that role), also (list of further addresses), subject and text with the placeholders
    {subject} {message} {next} {held_by} {request_url} {request_id} {status} {event_type} {type} {workspace}.
  E
  type = list(object({
    statuses = list(string)
    to       = list(string)
    also     = optional(list(string), [])
    subject  = string
    text     = string
  }))
  default = null

  validation {
    condition = var.rules == null ? true : alltrue(flatten([for rule in var.rules : [
      for to in rule.to : contains(["service", "requestor", "workspace_owner", "airlock_manager", "workspace_researcher"], to)
    ]]))
    error_message = "rules: to may contain service, requestor, workspace_owner, airlock_manager, workspace_researcher."
  }
}

variable "chat_webhook_url" {
  description = "Incoming webhook (Teams workflow, Slack, Mattermost ...) that gets every notification as {\"text\": ...}; null = none. The address is a secret."
  type        = string
  default     = null
  sensitive   = true
}

variable "entra_audience" {
  description = <<-E
    Client id of an app registration that protects the Logic App. With it Event Grid presents an Entra token and the address
    carries no signature; whoever applies needs the right to use that app for Event Grid webhooks (docs/DEPLOY.md).
    null: the address is signed, and the signature is in the Terraform state.
  E
  type        = string
  default     = null
}

variable "tenant_id" {
  description = "Tenant of entra_audience; null = the one Terraform logs in to."
  type        = string
  default     = null
}
