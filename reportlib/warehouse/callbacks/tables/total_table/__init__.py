"""Files of totals: `shapes` knows their headers, `analytics` WhatsApp's JSON, `reading` reads, `importing` writes."""
