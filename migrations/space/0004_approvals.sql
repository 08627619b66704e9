ALTER TABLE `approvals` ADD `title` text;--> statement-breakpoint
ALTER TABLE `approvals` ADD `requested_by` text;--> statement-breakpoint
ALTER TABLE `approvals` ADD `held_at` text;