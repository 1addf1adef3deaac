variable "topic_id" {
  description = "Resource id of the topic \"gates\": output gates_topic of infra/core."
  type        = string
}

variable "gate" {
  description = "Id of the gate, as policies have it."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.gate)) && var.gate != "malware"
    error_message = "A gate's id has 2 to 31 lower-case letters, digits and hyphens, the first one a letter; malware is taken."
  }
}

variable "webhook_url" {
  description = "Address of the engine's webhook. It has to answer Event Grid's validation at once, so the engine runs first."
  type        = string
  validation {
    condition     = startswith(var.webhook_url, "https://")
    error_message = "Event Grid delivers to https addresses only."
  }
}

variable "tenant_id" {
  description = "Tenant of webhook_audience."
  type        = string
}

variable "webhook_audience" {
  description = "Client id or identifier URI of the application that protects the webhook: Event Grid brings a token for it (learn.microsoft.com/azure/event-grid/secure-webhook-delivery)."
  type        = string
}

variable "event_time_to_live" {
  description = "Minutes that Event Grid tries to deliver an event. The airlock sends another one after a part of the gate's deadline."
  type        = number
  default     = 60
  validation {
    condition     = var.event_time_to_live >= 1 && var.event_time_to_live <= 1440
    error_message = "Event Grid takes 1 to 1,440 minutes."
  }
}
