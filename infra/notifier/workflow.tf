# What the Logic App does with one event, in Logic Apps' own language. The building blocks are kept apart, because one
# expression that does it all cannot be read by anybody.

locals {
  data = "items('events')?['data']"

  role_addresses = {
    for role in ["workspace_owner", "airlock_manager", "workspace_researcher"] :
    role => "coalesce(${local.data}?['recipient_emails_by_role']?['${role}'],json('[]'))"
  }

  # The union of what the rule's "to" asks for. union() drops doubles, so nobody gets a mail twice.
  recipients = "@union(${join(",", concat(
    ["if(contains(item()['to'],'service'),coalesce(${local.data}?['recipients'],json('[]')),json('[]'))"],
    ["if(and(contains(item()['to'],'requestor'),not(empty(${local.data}?['request']?['created_by']?['email']))),createArray(${local.data}?['request']?['created_by']?['email']),json('[]'))"],
    [for role, addresses in local.role_addresses : "if(contains(item()['to'],'${role}'),${addresses},json('[]'))"],
    ["coalesce(item()?['also'],json('[]'))"],
  ))})"

  placeholders = {
    "{status}"      = "${local.data}?['request']?['status']"
    "{type}"        = "${local.data}?['request']?['request_type']"
    "{workspace}"   = "${local.data}?['workspace']?['display_name']"
    "{request_id}"  = "${local.data}?['request']?['id']"
    "{subject}"     = "${local.data}?['subject']"
    "{message}"     = "${local.data}?['message']"
    "{next}"        = "${local.data}?['next']"
    "{held_by}"     = "${local.data}?['held_by']"
    "{event_type}"  = "${local.data}?['event_type']"
    "{request_url}" = "${local.data}?['request_url']"
  }
  order = sort(keys(local.placeholders))

  # replace(replace(TEXT,'{a}',A),'{b}',B): as many opening parts as closing ones.
  filled = {
    for member in ["subject", "text"] : member => join("", concat(
      [for _ in local.order : "replace("],
      ["item()['${member}']"],
      [for name in local.order : ",'${name}',string(coalesce(${local.placeholders[name]},'')))"],
    ))
  }

  # Names and messages come from people: as HTML they are text, never markup.
  html = "replace(replace(replace(replace(${local.filled.text},'&','&amp;'),'<','&lt;'),'>','&gt;'),decodeUriComponent('%0A'),'<br>')"

  # Addresses and texts are people's, the chat's address is a secret: neither stays in the run history of what sends them.
  # (The history of the trigger still has the event.)
  secure = { secureData = { properties = ["inputs"] } }

  retry = { type = "exponential", count = 4, interval = "PT2S", minimumInterval = "PT1S", maximumInterval = "PT10S" }

  send = {
    office365 = {
      type                 = "ApiConnection"
      runtimeConfiguration = local.secure
      inputs = {
        host        = { connection = { name = "@parameters('$connections')['mail']['connectionId']" } }
        method      = "post"
        path        = "/v2/Mail"
        retryPolicy = local.retry
        body = merge({
          To      = "@join(items('send_each')['recipients'],';')"
          Subject = "@items('send_each')['subject']"
          Body    = "@items('send_each')['html']"
        }, var.sender == null ? {} : { From = var.sender })
      }
    }
    smtp = {
      type                 = "ApiConnection"
      runtimeConfiguration = local.secure
      inputs = {
        host        = { connection = { name = "@parameters('$connections')['mail']['connectionId']" } }
        method      = "post"
        path        = "/SendEmailV3"
        retryPolicy = local.retry
        body = {
          From    = var.sender
          To      = "@join(items('send_each')['recipients'],';')"
          Subject = "@items('send_each')['subject']"
          Body    = "@items('send_each')['html']"
        }
      }
    }
    acs = {
      type                 = "Http"
      runtimeConfiguration = local.secure
      inputs = {
        method         = "POST"
        uri            = "${var.acs == null ? "" : trimsuffix(var.acs.endpoint, "/")}/emails:send?api-version=2023-03-31"
        headers        = { "Content-Type" = "application/json", "repeatability-request-id" = "@guid()" }
        authentication = { type = "ManagedServiceIdentity", audience = "https://communication.azure.com" }
        retryPolicy    = local.retry
        body = {
          senderAddress = var.sender
          # One hidden copy each: recipients do not learn each other's address.
          recipients = { bcc = "@body('addresses')" }
          content    = { subject = "@items('send_each')['subject']", plainText = "@items('send_each')['text']" }
        }
      }
    }
  }

  # The blob that stands for the event in hand. Not over the private endpoint, which a Logic App of this kind cannot use.
  claim_blob = {
    type = "Http"
    inputs = {
      uri            = "${var.notified.url}/@{encodeUriComponent(triggerBody()?[0]?['id'])}"
      headers        = { "x-ms-version" = "2023-11-03" }
      authentication = { type = "ManagedServiceIdentity", audience = "https://storage.azure.com/" }
      retryPolicy    = local.retry
    }
  }
  new_blob = { "x-ms-blob-type" = "BlockBlob", "Content-Type" = "text/plain" }

  send_and_answer = {
    events = local.for_each_event
    sent = merge(local.claim_blob, {
      runAfter = { events = ["Succeeded"] }
      inputs   = merge(local.claim_blob.inputs, { method = "PUT", headers = merge(local.claim_blob.inputs.headers, local.new_blob), body = "sent" })
    })
    done = {
      type     = "Response"
      kind     = "Http"
      runAfter = { sent = ["Succeeded", "Failed", "TimedOut"] }
      inputs   = { statusCode = 200, body = {} }
    }
    release = merge(local.claim_blob, {
      runAfter = { events = ["Failed", "TimedOut"] }
      inputs   = merge(local.claim_blob.inputs, { method = "DELETE" })
    })
    not_sent = {
      type     = "Response"
      kind     = "Http"
      runAfter = { release = ["Succeeded", "Failed", "TimedOut"] }
      inputs   = { statusCode = 500, body = { error = "a notification could not be sent" } }
    }
  }

  after_another = {
    what_became_of_it = merge(local.claim_blob, {
      runAfter = {}
      inputs   = merge(local.claim_blob.inputs, { method = "GET" })
    })
    again = {
      type     = "Response"
      kind     = "Http"
      runAfter = { what_became_of_it = ["Succeeded", "Failed", "TimedOut"] }
      inputs   = { statusCode = "@if(equals(string(coalesce(body('what_became_of_it'),'')),'sent'),200,503)", body = {} }
    }
  }

  for_each_event = {
    type     = "Foreach"
    foreach  = "@triggerBody()"
    runAfter = {}
    # One after the other: inside, item() must mean one thing.
    runtimeConfiguration = { concurrency = { repetitions = 1 } }
    actions = merge({
      rules_that_apply = {
        type     = "Query"
        runAfter = {}
        inputs = {
          from  = "@parameters('rules')"
          where = "@contains(item()['statuses'],${local.data}?['request']?['status'])"
        }
      }
      mails = {
        type     = "Select"
        runAfter = { rules_that_apply = ["Succeeded"] }
        inputs = {
          from = "@body('rules_that_apply')"
          select = {
            recipients = local.recipients
            subject    = "@${local.filled.subject}"
            text       = "@${local.filled.text}"
            html       = "@${local.html}"
          }
        }
      }
      # People without an address are not an error: the service reports them once.
      mails_with_recipients = {
        type     = "Query"
        runAfter = { mails = ["Succeeded"] }
        inputs   = { from = "@body('mails')", where = "@not(empty(item()['recipients']))" }
      }
      send_each = {
        type                 = "Foreach"
        foreach              = "@body('mails_with_recipients')"
        runAfter             = { mails_with_recipients = ["Succeeded"] }
        runtimeConfiguration = { concurrency = { repetitions = 1 } }
        actions              = local.send_one
      }
    }, { for name, action in local.tell_the_chat : name => action if var.chat_webhook_url != null })
  }

  # The chat is a convenience: beside the mails, and whatever becomes of it counts as done. What nobody is to be told of
  # is not for the chat either.
  tell_the_chat = {
    tell_the_chat = {
      type       = "If"
      runAfter   = {}
      expression = { and = [{ not = { equals = ["@empty(coalesce(${local.data}?['recipients'],json('[]')))", true] } }] }
      actions = {
        post_to_the_chat = {
          type                 = "Http"
          runAfter             = {}
          runtimeConfiguration = local.secure
          inputs = {
            method      = "POST"
            uri         = "@parameters('chat_webhook_url')"
            headers     = { "Content-Type" = "application/json" }
            retryPolicy = local.retry
            body = {
              text = "@concat(string(coalesce(${local.data}?['message'],'')),' ',string(coalesce(${local.data}?['request_url'],'')))"
            }
          }
        }
      }
    }
    chat_told_or_not = {
      type     = "Compose"
      runAfter = { tell_the_chat = ["Succeeded", "Failed", "Skipped", "TimedOut"] }
      inputs   = "@actions('tell_the_chat')?['status']"
    }
  }

  # acs wants a list of objects instead of one line of addresses.
  send_one = merge(
    { for name, action in local.acs_addresses : name => action if var.connector == "acs" },
    { send = merge(local.send[var.connector], { runAfter = { for name in keys(local.acs_addresses) : name => ["Succeeded"] if var.connector == "acs" } }) },
  )

  acs_addresses = {
    addresses = {
      type     = "Select"
      runAfter = {}
      inputs   = { from = "@items('send_each')?['recipients']", select = { address = "@item()" } }
    }
  }
}
