CREATE TABLE `capabilities` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`parent_id` text,
	`depth` integer NOT NULL,
	`name` text NOT NULL,
	`principal` text NOT NULL,
	`hash` text NOT NULL,
	`hint` text NOT NULL,
	`scopes` text NOT NULL,
	`actions` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent_id`) REFERENCES `capabilities`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `capabilities_hash_unique` ON `capabilities` (`hash`);--> statement-breakpoint
CREATE INDEX `capabilities_project` ON `capabilities` (`project_id`,`id`);--> statement-breakpoint
CREATE INDEX `capabilities_parent` ON `capabilities` (`parent_id`);