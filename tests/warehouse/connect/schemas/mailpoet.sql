-- MailPoet on MariaDB with WordPress' prefix wp_: columns and types of its migrations.
CREATE TABLE wp_options (option_id bigint unsigned AUTO_INCREMENT PRIMARY KEY, option_name varchar(191) NOT NULL UNIQUE,
  option_value longtext NOT NULL, autoload varchar(20) NOT NULL DEFAULT 'yes');
CREATE TABLE wp_mailpoet_segments (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(90) NOT NULL UNIQUE,
  type varchar(90) NOT NULL DEFAULT 'default', description varchar(250) NOT NULL DEFAULT '', created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, deleted_at timestamp NULL);
CREATE TABLE wp_mailpoet_subscribers (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY, wp_user_id bigint(20) NULL,
  first_name varchar(255) NOT NULL DEFAULT '', last_name varchar(255) NOT NULL DEFAULT '', email varchar(150) NOT NULL UNIQUE,
  status varchar(12) NOT NULL DEFAULT 'unconfirmed', created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, deleted_at timestamp NULL,
  source enum('form', 'imported', 'administrator', 'api', 'unknown') DEFAULT 'unknown');
CREATE TABLE wp_mailpoet_subscriber_segment (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  subscriber_id int(11) unsigned NOT NULL, segment_id int(11) unsigned NOT NULL,
  status varchar(12) NOT NULL DEFAULT 'subscribed', created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, UNIQUE KEY (subscriber_id, segment_id));
CREATE TABLE wp_mailpoet_custom_fields (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(90) NOT NULL UNIQUE,
  type varchar(90) NOT NULL, params longtext NOT NULL);
CREATE TABLE wp_mailpoet_subscriber_custom_field (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  subscriber_id int(11) unsigned NOT NULL, custom_field_id int(11) unsigned NOT NULL, value text NOT NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE wp_mailpoet_newsletters (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY, hash varchar(150) NULL,
  parent_id int(11) unsigned NULL, subject varchar(250) NOT NULL DEFAULT '', type varchar(150) NOT NULL DEFAULT 'standard',
  sender_address varchar(150) NOT NULL DEFAULT '', status varchar(20) NOT NULL DEFAULT 'draft', body longtext,
  sent_at timestamp NULL, created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, deleted_at timestamp NULL);
CREATE TABLE wp_mailpoet_newsletter_segment (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NOT NULL, segment_id int(11) unsigned NOT NULL, UNIQUE KEY (newsletter_id, segment_id));
CREATE TABLE wp_mailpoet_newsletter_links (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY, newsletter_id int(11) unsigned NOT NULL,
  queue_id int(11) unsigned NOT NULL, url varchar(2083) NOT NULL, hash varchar(20) NOT NULL);
CREATE TABLE wp_mailpoet_sending_queues (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY, task_id int(11) unsigned NOT NULL,
  newsletter_id int(11) unsigned NOT NULL, newsletter_rendered_body longtext, count_total int(11) unsigned NOT NULL DEFAULT 0,
  count_processed int(11) unsigned NOT NULL DEFAULT 0, count_to_process int(11) unsigned NOT NULL DEFAULT 0);
CREATE TABLE wp_mailpoet_scheduled_task_subscribers (task_id int(11) unsigned NOT NULL, subscriber_id int(11) unsigned NOT NULL,
  processed int(1) NOT NULL, failed smallint(1) NOT NULL DEFAULT 0, error text NULL, created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (task_id, subscriber_id));
CREATE TABLE wp_mailpoet_statistics_newsletters (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NOT NULL, subscriber_id int(11) unsigned NOT NULL, queue_id int(11) unsigned NOT NULL,
  sent_at timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE wp_mailpoet_statistics_opens (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NOT NULL, subscriber_id int(11) unsigned NOT NULL, queue_id int(11) unsigned NOT NULL,
  user_agent_id int(11) unsigned NULL, user_agent_type tinyint(1) NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE wp_mailpoet_statistics_clicks (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NOT NULL, subscriber_id int(11) unsigned NOT NULL, queue_id int(11) unsigned NOT NULL,
  link_id int(11) unsigned NOT NULL, user_agent_id int(11) unsigned NULL, user_agent_type tinyint(1) NOT NULL DEFAULT 0,
  count int(11) unsigned NOT NULL, created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE wp_mailpoet_statistics_unsubscribes (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NULL, subscriber_id int(11) unsigned NOT NULL, queue_id int(11) unsigned NULL,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, source varchar(255) DEFAULT 'unknown', meta varchar(255) NULL);
CREATE TABLE wp_mailpoet_statistics_bounces (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NOT NULL, subscriber_id int(11) unsigned NOT NULL, queue_id int(11) unsigned NOT NULL,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE wp_mailpoet_statistics_woocommerce_purchases (id int(11) unsigned AUTO_INCREMENT PRIMARY KEY,
  newsletter_id int(11) unsigned NOT NULL, subscriber_id int(11) unsigned NOT NULL, queue_id int(11) unsigned NOT NULL,
  click_id int(11) unsigned NOT NULL, order_id bigint(20) unsigned NOT NULL, order_currency char(3) NOT NULL,
  order_price_total float NOT NULL, created_at timestamp NULL,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
