-- Keila on PostgreSQL, as its migrations leave it: naive UTC times of whole seconds, citext addresses, jsonb data.
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE projects (id bigserial PRIMARY KEY, name varchar(255), group_id bigint, inserted_at timestamp(0) NOT NULL DEFAULT now(),
  updated_at timestamp(0) NOT NULL DEFAULT now());
CREATE TABLE contacts (id bigserial PRIMARY KEY, email citext, first_name varchar(255), last_name varchar(255),
  status smallint NOT NULL DEFAULT 0, data jsonb, external_id varchar(40), project_id bigint REFERENCES projects (id),
  inserted_at timestamp(0) NOT NULL, updated_at timestamp(0) NOT NULL);
CREATE TABLE contacts_segments (id bigserial PRIMARY KEY, name varchar(255), filter jsonb, project_id bigint,
  inserted_at timestamp(0) NOT NULL DEFAULT now(), updated_at timestamp(0) NOT NULL DEFAULT now());
CREATE TABLE mailings_campaigns (id bigserial PRIMARY KEY, subject varchar(255), text_body text, html_body text,
  json_body jsonb, data jsonb, settings jsonb, preview_text text, sent_at timestamp(0), scheduled_for timestamp(0),
  sender_id bigint, template_id bigint, segment_id bigint REFERENCES contacts_segments (id),
  project_id bigint REFERENCES projects (id), inserted_at timestamp(0) NOT NULL DEFAULT now(),
  updated_at timestamp(0) NOT NULL DEFAULT now());
CREATE TABLE messages (id bigserial PRIMARY KEY, contact_id bigint REFERENCES contacts (id) ON DELETE SET NULL,
  campaign_id bigint REFERENCES mailings_campaigns (id) ON DELETE CASCADE, project_id bigint, sender_id bigint,
  form_id bigint, form_params_id bigint, recipient_email citext, recipient_name varchar(255), subject varchar(255),
  html_body text, text_body text, status smallint DEFAULT 0, priority smallint DEFAULT 0, receipt varchar(255),
  queued_at timestamp(0), sent_at timestamp(0), opened_at timestamp(0), clicked_at timestamp(0), failed_at timestamp(0),
  soft_bounce_received_at timestamp(0), hard_bounce_received_at timestamp(0), complaint_received_at timestamp(0),
  unsubscribed_at timestamp(0), inserted_at timestamp(0) NOT NULL, updated_at timestamp(0) NOT NULL);
CREATE TABLE contacts_events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), type smallint NOT NULL, contact_id bigint,
  message_id bigint REFERENCES messages (id) ON DELETE CASCADE, data jsonb, inserted_at timestamp(0) NOT NULL);
CREATE TABLE tracking_links (id bigserial PRIMARY KEY, url text, campaign_id bigint, inserted_at timestamp(0) NOT NULL DEFAULT now());
CREATE TABLE tracking_clicks (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), link_id bigint REFERENCES tracking_links (id),
  message_id bigint REFERENCES messages (id) ON DELETE CASCADE, data jsonb, inserted_at timestamp(0) NOT NULL);
