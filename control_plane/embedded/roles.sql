-- The three roles of an instance, as a superuser runs it once on any PostgreSQL from 15 on; running it again changes nothing.
-- orrery_owner migrates and owns. orrery_app serves: it owns nothing, cannot bypass row-level security, cannot change the schema.
-- orrery_service looks across tenants at a listed handful of tables; orrery_app may become it for one transaction, but
-- never inherits it, because an inherited policy would open the wall to every statement.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orrery_owner') THEN
        CREATE ROLE orrery_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orrery_app') THEN
        CREATE ROLE orrery_app;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orrery_service') THEN
        CREATE ROLE orrery_service;
    END IF;
END
$$;
ALTER ROLE orrery_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE orrery_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE orrery_service NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'GRANT orrery_service TO orrery_app WITH INHERIT FALSE, SET TRUE, ADMIN FALSE';
    ELSE
        EXECUTE 'GRANT orrery_service TO orrery_app';
    END IF;
END
$$;
