-- phpList 3 on MariaDB, with its usual prefix: columns, types and keys of its structure.
CREATE TABLE phplist_user_attribute (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, name varchar(255) NOT NULL,
  type varchar(30), listorder integer, default_value varchar(255), required tinyint, tablename varchar(255));
CREATE TABLE phplist_user_user_attribute (attributeid integer NOT NULL, userid integer NOT NULL, value text,
  PRIMARY KEY (attributeid, userid));
CREATE TABLE phplist_user_user (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, email varchar(255) NOT NULL UNIQUE,
  confirmed tinyint DEFAULT 0, blacklisted tinyint DEFAULT 0, optedin tinyint DEFAULT 0, bouncecount integer DEFAULT 0,
  entered datetime, modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  uniqid varchar(255), htmlemail tinyint DEFAULT 0, disabled tinyint DEFAULT 0, extradata text, foreignkey varchar(100));
CREATE TABLE phplist_list (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, name varchar(255) NOT NULL, description text,
  entered datetime, active tinyint, owner integer, category varchar(255) DEFAULT '');
CREATE TABLE phplist_listuser (userid integer NOT NULL, listid integer NOT NULL, entered datetime,
  modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (userid, listid));
CREATE TABLE phplist_message (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, uuid varchar(36) DEFAULT '',
  subject varchar(255) NOT NULL DEFAULT '(no subject)', fromfield varchar(255) NOT NULL DEFAULT '', message longtext,
  entered datetime, modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, embargo datetime,
  status varchar(255), sent datetime, template integer, processed integer unsigned DEFAULT 0, viewed integer DEFAULT 0,
  bouncecount integer DEFAULT 0, sendstart datetime, owner integer);
CREATE TABLE phplist_listmessage (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, messageid integer NOT NULL,
  listid integer NOT NULL, entered datetime, UNIQUE KEY (messageid, listid));
CREATE TABLE phplist_usermessage (messageid integer NOT NULL, userid integer NOT NULL, entered datetime NOT NULL,
  viewed datetime, status varchar(255), PRIMARY KEY (userid, messageid));
CREATE TABLE phplist_user_message_view (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, messageid integer NOT NULL,
  userid integer NOT NULL, viewed datetime, ip varchar(255), data longtext);
CREATE TABLE phplist_linktrack_forward (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, url varchar(2083),
  uuid varchar(36) DEFAULT '', personalise tinyint DEFAULT 0);
CREATE TABLE phplist_linktrack_uml_click (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, messageid integer NOT NULL,
  userid integer NOT NULL, forwardid integer, firstclick datetime, latestclick datetime, clicked integer DEFAULT 0,
  htmlclicked integer DEFAULT 0, textclicked integer DEFAULT 0, UNIQUE KEY (messageid, userid, forwardid));
CREATE TABLE phplist_bounce (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, date datetime, header text, data mediumblob,
  status varchar(255), comment text);
CREATE TABLE phplist_user_message_bounce (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, user integer NOT NULL,
  message integer NOT NULL, bounce integer NOT NULL, time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE phplist_user_blacklist (email varchar(255) NOT NULL UNIQUE, added datetime);
