CREATE TABLE `isolation_violations` (
	`user_id` text NOT NULL,
	`day` text NOT NULL,
	`hits` integer NOT NULL,
	PRIMARY KEY(`user_id`, `day`)
);
--> statement-breakpoint
ALTER TABLE `projects` ADD `name_lower` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `projects_name` ON `projects` (`user_id`,`name_lower`) WHERE deleted_at IS NULL;