-- Odoo 17 on PostgreSQL: the columns that its models store, as far as marketing e-mail and SMS are concerned.
CREATE TABLE res_company (id serial PRIMARY KEY, name varchar NOT NULL, partner_id integer);
CREATE TABLE res_country (id serial PRIMARY KEY, name jsonb NOT NULL, code varchar(2) UNIQUE);
CREATE TABLE utm_campaign (id serial PRIMARY KEY, name varchar NOT NULL, title jsonb NOT NULL, ab_testing_completed boolean);
CREATE TABLE mailing_list (id serial PRIMARY KEY, name varchar NOT NULL, active boolean, is_public boolean,
  create_date timestamp, write_date timestamp);
CREATE TABLE mailing_contact (id serial PRIMARY KEY, name varchar, company_name varchar, email varchar,
  email_normalized varchar, message_bounce integer, country_id integer REFERENCES res_country (id),
  create_date timestamp, write_date timestamp);
CREATE TABLE mailing_subscription (id serial PRIMARY KEY, contact_id integer NOT NULL REFERENCES mailing_contact (id)
  ON DELETE CASCADE, list_id integer NOT NULL REFERENCES mailing_list (id) ON DELETE CASCADE, opt_out boolean,
  opt_out_reason_id integer, opt_out_datetime timestamp, UNIQUE (contact_id, list_id));
CREATE TABLE mailing_mailing (id serial PRIMARY KEY, active boolean, subject varchar NOT NULL, preview varchar,
  email_from varchar NOT NULL, sent_date timestamp, schedule_type varchar NOT NULL, schedule_date timestamp,
  calendar_date timestamp, body_arch text, body_html text, campaign_id integer REFERENCES utm_campaign (id),
  source_id integer, medium_id integer, state varchar NOT NULL, mailing_type varchar NOT NULL,
  mailing_model_id integer NOT NULL, mailing_domain varchar, ab_testing_enabled boolean, ab_testing_pc integer,
  kpi_mail_required boolean, create_date timestamp, write_date timestamp);
CREATE TABLE mail_mass_mailing_list_rel (mailing_mailing_id integer NOT NULL REFERENCES mailing_mailing (id),
  mailing_list_id integer NOT NULL REFERENCES mailing_list (id), PRIMARY KEY (mailing_mailing_id, mailing_list_id));
CREATE TABLE mailing_trace (id serial PRIMARY KEY, trace_type varchar NOT NULL, mail_mail_id integer,
  mail_mail_id_int integer, email varchar, message_id varchar, model varchar NOT NULL,
  res_id integer CHECK (res_id IS NOT NULL AND res_id <> 0), mass_mailing_id integer REFERENCES mailing_mailing (id)
  ON DELETE CASCADE, campaign_id integer, sent_datetime timestamp, open_datetime timestamp, reply_datetime timestamp,
  trace_status varchar, failure_type varchar, failure_reason text, links_click_datetime timestamp, sms_id_int integer,
  sms_number varchar, sms_code varchar, create_date timestamp, write_date timestamp);
CREATE TABLE link_tracker (id serial PRIMARY KEY, url varchar NOT NULL, title varchar, campaign_id integer,
  mass_mailing_id integer, create_date timestamp, write_date timestamp);
CREATE TABLE link_tracker_click (id serial PRIMARY KEY, campaign_id integer, link_id integer NOT NULL
  REFERENCES link_tracker (id), ip varchar, country_id integer, mailing_trace_id integer REFERENCES mailing_trace (id),
  mass_mailing_id integer, create_date timestamp, write_date timestamp);
