-- HubSpot's marketing e-mail, as Fivetran's connector lays it out on PostgreSQL: names, types and keys as its dbt package reads them.
CREATE TABLE email_campaign (id bigint PRIMARY KEY, name text, subject text, type text, sub_type text, num_included bigint, num_queued bigint, app_id bigint, content_id bigint, _fivetran_synced timestamptz);
CREATE TABLE email_event (id text PRIMARY KEY, type text, recipient text, email_campaign_id bigint, created timestamptz, sent_by_id text, sent_by_created timestamptz, obsoleted_by_id text, filtered_event boolean, portal_id bigint, _fivetran_synced timestamptz);
CREATE TABLE email_event_bounce (id text PRIMARY KEY, category text, status text, response text, _fivetran_synced timestamptz);
CREATE TABLE email_event_click (id text PRIMARY KEY, url text, _fivetran_synced timestamptz);
CREATE TABLE email_event_dropped (id text PRIMARY KEY, drop_reason text, drop_message text, _fivetran_synced timestamptz);
CREATE TABLE email_event_status_change (id text PRIMARY KEY, change_source text, portal_subscription_status text, _fivetran_synced timestamptz);
