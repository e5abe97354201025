-- Mautic 5 on MariaDB, with the prefix mtc_: columns, types and keys that its entities map.
CREATE TABLE mtc_leads (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, is_published tinyint(1) NOT NULL, date_added datetime,
  date_modified datetime, points int NOT NULL DEFAULT 0, last_active datetime, email varchar(191), mobile varchar(191),
  city varchar(191), state varchar(191), company varchar(191), country varchar(191), timezone varchar(191),
  preferred_locale varchar(191));
CREATE TABLE mtc_lead_lists (id int unsigned AUTO_INCREMENT PRIMARY KEY, is_published tinyint(1) NOT NULL,
  name varchar(191) NOT NULL, alias varchar(191) NOT NULL, filters longtext NOT NULL, is_global tinyint(1) NOT NULL);
CREATE TABLE mtc_lead_lists_leads (leadlist_id int unsigned NOT NULL, lead_id bigint unsigned NOT NULL,
  date_added datetime NOT NULL, manually_removed tinyint(1) NOT NULL, manually_added tinyint(1) NOT NULL,
  PRIMARY KEY (leadlist_id, lead_id));
CREATE TABLE mtc_emails (id int unsigned AUTO_INCREMENT PRIMARY KEY, is_published tinyint(1) NOT NULL, date_added datetime,
  name varchar(191) NOT NULL, subject longtext, from_address varchar(191), from_name varchar(191), email_type longtext,
  publish_up datetime, publish_down datetime, read_count int NOT NULL, sent_count int NOT NULL, revision int NOT NULL,
  lang varchar(191) NOT NULL, variant_settings longtext, variant_start_date datetime, variant_sent_count int NOT NULL,
  variant_read_count int NOT NULL, variant_parent_id int unsigned);
CREATE TABLE mtc_email_list_xref (email_id int unsigned NOT NULL, leadlist_id int unsigned NOT NULL,
  PRIMARY KEY (email_id, leadlist_id));
CREATE TABLE mtc_email_stats (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, email_id int unsigned, lead_id bigint unsigned,
  list_id int unsigned, ip_id int unsigned, copy_id varchar(32), email_address varchar(191) NOT NULL,
  date_sent datetime NOT NULL, is_read tinyint(1) NOT NULL, is_failed tinyint(1) NOT NULL,
  viewed_in_browser tinyint(1) NOT NULL, date_read datetime, tracking_hash varchar(191), retry_count int,
  source varchar(191), source_id int, tokens longtext, open_count int, last_opened datetime, open_details longtext,
  KEY email_date_sent (date_sent));
CREATE TABLE mtc_email_stat_replies (id char(36) PRIMARY KEY, stat_id bigint unsigned NOT NULL, date_replied datetime NOT NULL,
  message_id varchar(191) NOT NULL);
CREATE TABLE mtc_page_redirects (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, redirect_id varchar(25) NOT NULL,
  url longtext NOT NULL, hits int NOT NULL, unique_hits int NOT NULL);
CREATE TABLE mtc_page_hits (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, page_id int unsigned, redirect_id bigint unsigned,
  email_id int unsigned, lead_id bigint unsigned, ip_id int unsigned NOT NULL, date_hit datetime NOT NULL,
  date_left datetime, code int NOT NULL, url longtext, user_agent longtext, source varchar(191), source_id int,
  query longtext, tracking_id varchar(191) NOT NULL);
CREATE TABLE mtc_lead_donotcontact (id int unsigned AUTO_INCREMENT PRIMARY KEY, lead_id bigint unsigned,
  date_added datetime NOT NULL, reason smallint NOT NULL, channel varchar(191) NOT NULL, channel_id int,
  comments longtext);
CREATE TABLE mtc_sms_messages (id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(191) NOT NULL, lang varchar(191) NOT NULL,
  message longtext NOT NULL, sms_type longtext, sent_count int NOT NULL);
CREATE TABLE mtc_sms_message_stats (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, sms_id int unsigned, lead_id bigint unsigned,
  list_id int unsigned, date_sent datetime NOT NULL, is_failed tinyint(1), tracking_hash varchar(191), source varchar(191),
  source_id int, details longtext NOT NULL);
