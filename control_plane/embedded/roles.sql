-- The three roles of an instance, as an administrator makes them once on any PostgreSQL from 15 on: a superuser or, where
-- a provider keeps that to itself, a role with CREATEROLE. Running it again changes nothing.
-- orrery_owner migrates and owns. orrery_app serves: it owns nothing, cannot bypass row-level security, cannot change the schema.
-- orrery_service looks across tenants at a listed handful of tables; orrery_app may become it for one transaction, but
-- never inherits it, because an inherited policy would open the wall to every statement.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orrery_owner') THEN
        CREATE ROLE orrery_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orrery_app') THEN
        CREATE ROLE orrery_app LOGIN NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orrery_service') THEN
        CREATE ROLE orrery_service NOLOGIN;
    END IF;
    ALTER ROLE orrery_owner LOGIN;
    ALTER ROLE orrery_app LOGIN NOINHERIT;
    ALTER ROLE orrery_service NOLOGIN;
    -- Only a superuser may say these words, even to take away what is not there.
    IF EXISTS (
        SELECT FROM pg_roles WHERE rolname IN ('orrery_owner', 'orrery_app', 'orrery_service')
            AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
    ) THEN
        ALTER ROLE orrery_owner NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        ALTER ROLE orrery_app NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        ALTER ROLE orrery_service NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'GRANT orrery_service TO orrery_app WITH INHERIT FALSE, SET TRUE, ADMIN FALSE';
    ELSE
        EXECUTE 'GRANT orrery_service TO orrery_app';
    END IF;
    -- Whoever is no superuser gives a database only to a role that it may become.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND current_user <> 'orrery_owner' THEN
        EXECUTE format('GRANT orrery_owner TO %I', current_user);
    END IF;
END
$$;
