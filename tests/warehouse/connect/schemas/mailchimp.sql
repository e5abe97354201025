-- Mailchimp, as Fivetran's connector lays it out on PostgreSQL: names, types and keys as its dbt package reads them.
CREATE TABLE campaign (id text, title text, subject_line text, from_name text, status text, send_time timestamptz, list_id text, segment_id text, template_id int, type text, _fivetran_synced timestamptz, _fivetran_deleted boolean);
CREATE TABLE segment (id text, list_id text, name text, member_count int, _fivetran_deleted boolean, _fivetran_synced timestamptz);
CREATE TABLE segment_member (segment_id text, member_id text, list_id text, _fivetran_deleted boolean, _fivetran_synced timestamptz);
CREATE TABLE member (id text, list_id text, email_address text, country_code text, language text, timezone text, status text, timestamp_opt timestamptz, vip boolean, _fivetran_synced timestamptz, PRIMARY KEY (id, list_id));
CREATE TABLE campaign_recipient (campaign_id text, member_id text, list_id text, combination_id text, _fivetran_synced timestamptz);
CREATE TABLE campaign_recipient_activity (campaign_id text, member_id text, list_id text, action text, "timestamp" timestamptz, bounce_type text, url text, ip text, _fivetran_synced timestamptz);
CREATE TABLE unsubscribe (campaign_id text, member_id text, list_id text, "timestamp" timestamptz, reason text, _fivetran_synced timestamptz);
CREATE TABLE automation_email (id text, automation_id text, title text, subject_line text, status text, send_time timestamptz, _fivetran_synced timestamptz);
CREATE TABLE automation_recipient (automation_email_id text, member_id text, list_id text, _fivetran_synced timestamptz);
CREATE TABLE automation_recipient_activity (action text, automation_email_id text, member_id text, "timestamp" timestamptz, bounce_type text, ip text, list_id text, url text, _fivetran_synced timestamptz);
