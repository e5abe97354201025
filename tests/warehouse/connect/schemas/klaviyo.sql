-- Klaviyo, as Fivetran's connector lays it out on PostgreSQL: names, types and keys as its dbt package reads them.
CREATE TABLE campaign (id text PRIMARY KEY, name text, subject text, from_email text, status text, status_id int, campaign_type text, send_time timestamp, sent_at timestamp, scheduled timestamp, created timestamp, email_template_id text, _fivetran_deleted boolean, _fivetran_synced timestamptz);
CREATE TABLE flow (id text PRIMARY KEY, name text, status text, _fivetran_synced timestamptz);
CREATE TABLE person (id text PRIMARY KEY, email text, phone_number text, country text, timezone text, created timestamptz, _fivetran_synced timestamptz);
CREATE TABLE event (id text PRIMARY KEY, person_id text, campaign_id text, flow_id text, flow_message_id text, _variation text, type text, "timestamp" timestamptz, metric_id text, property_value double precision, property_bounce_type text, property_url text, _fivetran_deleted boolean, _fivetran_synced timestamptz);
