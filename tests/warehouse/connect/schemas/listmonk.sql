-- listmonk 5 on PostgreSQL: the tables that are read, with the columns, types and constraints of its published schema.
CREATE TYPE list_type AS ENUM ('public', 'private', 'temporary');
CREATE TYPE list_optin AS ENUM ('single', 'double');
CREATE TYPE subscriber_status AS ENUM ('enabled', 'disabled', 'blocklisted');
CREATE TYPE subscription_status AS ENUM ('unconfirmed', 'confirmed', 'unsubscribed');
CREATE TYPE campaign_status AS ENUM ('draft', 'running', 'scheduled', 'paused', 'cancelled', 'finished');
CREATE TYPE campaign_type AS ENUM ('regular', 'optin');
CREATE TYPE content_type AS ENUM ('richtext', 'html', 'plain', 'markdown', 'visual');
CREATE TYPE bounce_type AS ENUM ('soft', 'hard', 'complaint');

CREATE TABLE subscribers (
  id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE,
  name text NOT NULL, attribs jsonb NOT NULL DEFAULT '{}', status subscriber_status NOT NULL DEFAULT 'enabled',
  created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
CREATE TABLE lists (
  id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), name text NOT NULL,
  type list_type NOT NULL, optin list_optin NOT NULL DEFAULT 'single', tags varchar(100)[],
  created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
CREATE TABLE subscriber_lists (
  subscriber_id integer REFERENCES subscribers (id) ON DELETE CASCADE ON UPDATE CASCADE,
  list_id integer REFERENCES lists (id) ON DELETE CASCADE ON UPDATE CASCADE,
  meta jsonb NOT NULL DEFAULT '{}', status subscription_status NOT NULL DEFAULT 'unconfirmed',
  created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), PRIMARY KEY (subscriber_id, list_id));
CREATE TABLE campaigns (
  id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), name text NOT NULL,
  subject text NOT NULL, from_email text NOT NULL, body text NOT NULL, altbody text,
  content_type content_type NOT NULL DEFAULT 'richtext', send_at timestamptz, headers jsonb NOT NULL DEFAULT '[]',
  status campaign_status NOT NULL DEFAULT 'draft', tags varchar(100)[], type campaign_type DEFAULT 'regular',
  messenger text NOT NULL, template_id integer, to_send int NOT NULL DEFAULT 0, sent int NOT NULL DEFAULT 0,
  max_subscriber_id int NOT NULL DEFAULT 0, last_subscriber_id int NOT NULL DEFAULT 0,
  archive boolean NOT NULL DEFAULT false, started_at timestamptz, created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now());
CREATE TABLE campaign_lists (
  id bigserial PRIMARY KEY, campaign_id integer NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE ON UPDATE CASCADE,
  list_id integer REFERENCES lists (id) ON DELETE SET NULL ON UPDATE CASCADE, list_name text NOT NULL DEFAULT '',
  UNIQUE (campaign_id, list_id));
CREATE TABLE campaign_views (
  id bigserial PRIMARY KEY,
  campaign_id integer NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE ON UPDATE CASCADE,
  subscriber_id integer REFERENCES subscribers (id) ON DELETE SET NULL ON UPDATE CASCADE,
  created_at timestamptz DEFAULT now());
CREATE TABLE links (
  id serial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), url text NOT NULL UNIQUE,
  created_at timestamptz DEFAULT now());
CREATE TABLE link_clicks (
  id bigserial PRIMARY KEY, campaign_id integer REFERENCES campaigns (id) ON DELETE CASCADE ON UPDATE CASCADE,
  link_id integer NOT NULL REFERENCES links (id) ON DELETE CASCADE ON UPDATE CASCADE,
  subscriber_id integer REFERENCES subscribers (id) ON DELETE SET NULL ON UPDATE CASCADE,
  created_at timestamptz DEFAULT now());
CREATE TABLE bounces (
  id serial PRIMARY KEY,
  subscriber_id integer NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE ON UPDATE CASCADE,
  campaign_id integer REFERENCES campaigns (id) ON DELETE SET NULL ON UPDATE CASCADE,
  type bounce_type NOT NULL DEFAULT 'hard', source text NOT NULL DEFAULT '', meta jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz DEFAULT now());
CREATE TABLE settings (key text NOT NULL UNIQUE, value jsonb NOT NULL DEFAULT '{}', updated_at timestamptz DEFAULT now());
