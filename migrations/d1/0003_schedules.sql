CREATE TABLE `callback_receipts` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `callback_receipts_at` ON `callback_receipts` (`at`);--> statement-breakpoint
CREATE TABLE `schedules` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`cron` text NOT NULL,
	`time_zone` text NOT NULL,
	`agent_id` text,
	`message` text NOT NULL,
	`room_id` text,
	`enabled` integer NOT NULL,
	`version` integer NOT NULL,
	`next_run_at` integer,
	`last_due_at` integer,
	`last_run_at` integer,
	`last_run_id` text,
	`last_error` text,
	`missed` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `schedules_user` ON `schedules` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `schedules_project` ON `schedules` (`project_id`);--> statement-breakpoint
CREATE INDEX `schedules_due` ON `schedules` (`next_run_at`) WHERE next_run_at IS NOT NULL;