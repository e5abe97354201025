-- Iterable, as Fivetran's connector lays it out on PostgreSQL: names, types and keys as its dbt package reads them.
CREATE TABLE campaign_history (id bigint, updated_at timestamptz, name text, campaign_state text, type text, template_id bigint, start_at timestamptz, ended_at timestamptz, send_size int, message_medium text, _fivetran_synced timestamptz, PRIMARY KEY (id, updated_at));
CREATE TABLE event (_fivetran_id text PRIMARY KEY, email text, campaign_id bigint, message_id text, created_at timestamptz, event_name text, recipient_state text, _fivetran_synced timestamptz);
CREATE TABLE event_extension (_fivetran_id text PRIMARY KEY, link_url text, sms_provider_response_code text, error_code text, reason text, _fivetran_synced timestamptz);
