CREATE TABLE `approval_index` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`tool` text NOT NULL,
	`session_id` text,
	`run_id` text,
	`agent_id` text,
	`agent_name` text,
	`requested_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`decided_at` text
);
--> statement-breakpoint
CREATE INDEX `approval_index_user` ON `approval_index` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `daily_snapshots` (
	`user_id` text NOT NULL,
	`day` text NOT NULL,
	`project_id` text NOT NULL,
	`runs` integer DEFAULT 0 NOT NULL,
	`completed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`cancelled` integer DEFAULT 0 NOT NULL,
	`approvals_requested` integer DEFAULT 0 NOT NULL,
	`approvals_approved` integer DEFAULT 0 NOT NULL,
	`approvals_rejected` integer DEFAULT 0 NOT NULL,
	`approvals_responded` integer DEFAULT 0 NOT NULL,
	`approvals_expired` integer DEFAULT 0 NOT NULL,
	`taken_at` integer,
	`events` integer,
	`sessions` integer,
	`agents` integer,
	`active_runs` integer,
	`open_approvals` integer,
	`storage_bytes` integer,
	PRIMARY KEY(`user_id`, `day`, `project_id`)
);
--> statement-breakpoint
CREATE TABLE `projections` (
	`project_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`seq` integer NOT NULL,
	`snapshot_day` text DEFAULT '' NOT NULL,
	`snapshot_seq` integer DEFAULT 0 NOT NULL,
	`closed_at` integer
);
--> statement-breakpoint
CREATE TABLE `run_index` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`session_id` text NOT NULL,
	`mode` text NOT NULL,
	`status` text NOT NULL,
	`agent_id` text,
	`agent_name` text,
	`error_code` text,
	`model_calls` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cost_usd` real NOT NULL,
	`created_at` text NOT NULL,
	`ended_at` text,
	`duration_ms` integer
);
--> statement-breakpoint
CREATE INDEX `run_index_user` ON `run_index` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `session_index` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`title` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `session_index_user` ON `session_index` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `usage_daily` (
	`user_id` text NOT NULL,
	`day` text NOT NULL,
	`project_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`model` text NOT NULL,
	`agent_name` text NOT NULL,
	`calls` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cost_usd_micros` integer NOT NULL,
	`unpriced_calls` integer NOT NULL,
	PRIMARY KEY(`user_id`, `day`, `project_id`, `agent_id`, `model`)
);
