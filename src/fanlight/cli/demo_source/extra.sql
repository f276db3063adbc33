-- What is built on the tables: views, materialised views, a trigger, the archive's foreign table, and fresh estimates.

CREATE VIEW sales.open_orders AS
SELECT o.order_id, o.order_number, o.customer_id, c.name AS customer_name, o.placed_at, o.state, o.total_minor, o.currency
FROM sales.orders AS o
LEFT JOIN sales.customers AS c ON c.customer_id = o.customer_id
WHERE o.state IN ('placed', 'paid', 'picked') AND NOT o.is_test;
COMMENT ON VIEW sales.open_orders IS 'Orders that have not left a warehouse yet.';
COMMENT ON COLUMN sales.open_orders.customer_name IS 'Null for a counter sale.';

CREATE VIEW sales.customer_overview WITH (security_barrier) AS
SELECT c.customer_id, c.customer_number, c.name, c.is_company,
    count(o.order_id) AS orders, coalesce(sum(o.total_minor), 0)::bigint AS total_minor, max(o.placed_at) AS last_order_at
FROM sales.customers AS c
LEFT JOIN sales.orders AS o ON o.customer_id = c.customer_id AND o.state <> 'cancelled'
WHERE c.erased_at IS NULL
GROUP BY c.customer_id;
COMMENT ON VIEW sales.customer_overview IS 'One row per customer, for the screen of the care agents.';

CREATE VIEW sales.return_rate_by_month AS
SELECT date_trunc('month', o.placed_at)::date AS month_start, count(*) AS orders, count(r.return_id) AS returned,
    round(100.0 * count(r.return_id) / count(*), 2) AS return_rate_percent
FROM sales.orders AS o
LEFT JOIN sales.returns AS r ON r.order_id = o.order_id
GROUP BY 1;
COMMENT ON VIEW sales.return_rate_by_month IS 'Share of orders with at least one return, by month of the order.';

CREATE VIEW catalog.current_prices AS
SELECT DISTINCT ON (p.price_list_code, p.variant_id, p.minimum_quantity)
    p.price_list_code, p.variant_id, p.minimum_quantity, p.amount_minor, l.currency, l.includes_tax, p.valid_from
FROM catalog.prices AS p
JOIN catalog.price_lists AS l ON l.price_list_code = p.price_list_code
WHERE p.valid_from <= CURRENT_DATE
ORDER BY p.price_list_code, p.variant_id, p.minimum_quantity, p.valid_from DESC;
COMMENT ON VIEW catalog.current_prices IS 'The prices that apply today.';

CREATE VIEW catalog.sellable_variants AS
SELECT v.variant_id, v.sku, p.product_id, p.name, b.name AS brand, c.path AS category_path, r.amount_minor AS retail_minor
FROM catalog.product_variants AS v
JOIN catalog.products AS p ON p.product_id = v.product_id
JOIN catalog.categories AS c ON c.category_id = p.category_id
LEFT JOIN catalog.brands AS b ON b.brand_id = p.brand_id
LEFT JOIN catalog.current_prices AS r
    ON r.variant_id = v.variant_id AND r.price_list_code = 'RETAIL-EUR' AND r.minimum_quantity = 1
WHERE p.status IN ('active', 'phasing_out');
COMMENT ON VIEW catalog.sellable_variants IS 'What can be ordered now. The web shop reads its listing from here.';

CREATE VIEW warehouse.available_stock AS
SELECT s.variant_id, s.warehouse_id, sum(s.on_hand) AS on_hand, sum(s.reserved) AS reserved, sum(s.available) AS available
FROM warehouse.stock_levels AS s
JOIN warehouse.bins AS b ON b.warehouse_id = s.warehouse_id AND b.bin_code = s.bin_code
WHERE NOT b.is_blocked
GROUP BY s.variant_id, s.warehouse_id;
COMMENT ON VIEW warehouse.available_stock IS 'Stock by variant and warehouse, without blocked bins.';

CREATE VIEW warehouse.reorder_suggestions AS
WITH sold AS (
    SELECT l.variant_id, sum(l.quantity)::numeric / 90 AS per_day
    FROM sales.order_lines AS l
    JOIN sales.orders AS o ON o.order_id = l.order_id
    WHERE o.placed_at >= now() - interval '90 days' AND o.state <> 'cancelled'
    GROUP BY l.variant_id
)
SELECT f.supplier_id, f.variant_id, f.lead_time_days, sold.per_day,
    ceil(sold.per_day * (f.lead_time_days + 14)) - coalesce(sum(a.available), 0) AS suggested_quantity
FROM sold
JOIN catalog.supplier_offers AS f ON f.variant_id = sold.variant_id AND f.is_preferred
LEFT JOIN warehouse.available_stock AS a ON a.variant_id = f.variant_id
GROUP BY f.supplier_id, f.variant_id, f.lead_time_days, sold.per_day
HAVING coalesce(sum(a.available), 0) < sold.per_day * (f.lead_time_days + 14);
COMMENT ON VIEW warehouse.reorder_suggestions IS 'What to order from the preferred supplier to last two weeks beyond its lead time.';

CREATE VIEW logistics.late_shipments AS
SELECT s.shipment_id, s.order_id, s.carrier_code, s.promised_on, s.delivered_at,
    coalesce(s.delivered_at::date, CURRENT_DATE) - s.promised_on AS days_late
FROM logistics.shipments AS s
WHERE coalesce(s.delivered_at::date, CURRENT_DATE) > s.promised_on AND s.state <> 'lost';
COMMENT ON VIEW logistics.late_shipments IS 'Delivered late, or due and not delivered.';

CREATE VIEW finance.trial_balance AS
SELECT e.period_id, l.account_number, a.name, a.kind, l.currency, sum(l.amount_minor)::bigint AS balance_minor
FROM finance.journal_lines AS l
JOIN finance.journal_entries AS e ON e.entry_id = l.entry_id
JOIN finance.accounts AS a ON a.account_number = l.account_number
GROUP BY e.period_id, l.account_number, a.name, a.kind, l.currency;
COMMENT ON VIEW finance.trial_balance IS 'Balance of each account by period. The sum of a period is zero.';

CREATE VIEW finance.open_invoices AS
SELECT i.invoice_number, i.customer_id, c.name AS customer_name, i.due_on, i.gross_minor, i.currency,
    greatest(CURRENT_DATE - i.due_on, 0) AS days_overdue
FROM finance.invoices AS i
JOIN sales.customers AS c ON c.customer_id = i.customer_id
WHERE i.paid_on IS NULL AND i.state IN ('issued', 'overdue');

CREATE VIEW people.current_staff WITH (security_invoker) AS
SELECT e.employee_id, e.full_name, e.work_email, d.name AS department, p.title, e.site_code
FROM people.employees AS e
JOIN people.departments AS d ON d.department_id = e.department_id
JOIN people.positions AS p ON p.position_id = e.position_id
WHERE e.left_on IS NULL;
COMMENT ON VIEW people.current_staff IS 'The staff directory. Holds nothing about pay.';

CREATE VIEW people.reporting_lines AS
WITH RECURSIVE line AS (
    SELECT employee_id, manager_id, 0 AS depth, ARRAY[employee_id] AS chain FROM people.employees WHERE manager_id IS NULL
    UNION ALL
    SELECT e.employee_id, e.manager_id, line.depth + 1, line.chain || e.employee_id
    FROM people.employees AS e JOIN line ON line.employee_id = e.manager_id
    WHERE e.employee_id <> ALL (line.chain)
)
SELECT employee_id, manager_id, depth, chain FROM line;
COMMENT ON VIEW people.reporting_lines IS 'Who reports to whom, from the managing director down.';

CREATE VIEW marketing.campaign_performance AS
SELECT c.campaign_id, c.name, c.medium, sum(s.amount_minor)::bigint AS spent_minor, sum(s.clicks) AS clicks,
    CASE WHEN sum(s.clicks) > 0 THEN sum(s.amount_minor) / sum(s.clicks) END AS cost_per_click_minor
FROM marketing.campaigns AS c
LEFT JOIN marketing.campaign_spend AS s ON s.campaign_id = c.campaign_id
GROUP BY c.campaign_id;
COMMENT ON VIEW marketing.campaign_performance IS 'Cost and clicks of each campaign so far.';

CREATE VIEW legacy."Kunden Export" AS
SELECT 'DE-' || "KundenNr" AS customer_number, "Name 1" AS name, "PLZ" AS postal_code, "Ort" AS city
FROM legacy."Kunden Liste"
WHERE NOT "Gesperrt?";
COMMENT ON VIEW legacy."Kunden Export" IS 'Old customers in the shape of sales.customers.';

CREATE MATERIALIZED VIEW analytics.daily_sales AS
SELECT (o.placed_at AT TIME ZONE 'UTC')::date AS day, o.channel_id, o.currency, count(*) AS orders,
    sum(o.subtotal_minor)::bigint AS net_minor, sum(o.total_minor)::bigint AS gross_minor
FROM sales.orders AS o
WHERE o.state <> 'cancelled' AND NOT o.is_test
GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX daily_sales_key ON analytics.daily_sales (day, channel_id, currency);
COMMENT ON MATERIALIZED VIEW analytics.daily_sales IS 'Sales by day, channel and currency. Refreshed at 03:00 UTC.';
COMMENT ON COLUMN analytics.daily_sales.net_minor IS 'Goods without tax and shipping.';

CREATE MATERIALIZED VIEW analytics.customer_value AS
SELECT c.customer_id, c.is_company, min(o.placed_at) AS first_order_at, count(o.order_id) AS orders,
    coalesce(sum(o.subtotal_minor), 0)::bigint AS lifetime_net_minor,
    ntile(10) OVER (ORDER BY coalesce(sum(o.subtotal_minor), 0)) AS value_decile
FROM sales.customers AS c
LEFT JOIN sales.orders AS o ON o.customer_id = c.customer_id AND o.state <> 'cancelled'
GROUP BY c.customer_id;
CREATE UNIQUE INDEX customer_value_key ON analytics.customer_value (customer_id);
COMMENT ON MATERIALIZED VIEW analytics.customer_value IS 'What each customer has been worth, by decile.';
COMMENT ON COLUMN analytics.customer_value.value_decile IS '10 is the best tenth.';

CREATE MATERIALIZED VIEW analytics.best_sellers AS
SELECT v.variant_id, v.sku, p.name, p.category_id, sum(l.quantity) AS units, sum(l.line_total_minor)::bigint AS net_minor
FROM sales.order_lines AS l
JOIN catalog.product_variants AS v ON v.variant_id = l.variant_id
JOIN catalog.products AS p ON p.product_id = v.product_id
GROUP BY v.variant_id, v.sku, p.name, p.category_id;
CREATE INDEX best_sellers_category ON analytics.best_sellers (category_id, net_minor DESC);
COMMENT ON MATERIALIZED VIEW analytics.best_sellers IS 'Units and sales by variant since the start of the year.';

CREATE VIEW analytics.revenue_by_channel AS
SELECT c.name AS channel, d.month_start, s.currency, sum(s.net_minor)::bigint AS net_minor, sum(s.orders) AS orders
FROM analytics.daily_sales AS s
JOIN analytics.calendar AS d ON d.day = s.day
JOIN sales.channels AS c ON c.channel_id = s.channel_id
GROUP BY c.name, d.month_start, s.currency;
COMMENT ON VIEW analytics.revenue_by_channel IS 'Monthly sales by channel, as shown on the board''s dashboard.';

CREATE FUNCTION sales.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION sales.touch_updated_at() IS 'Keeps updated_at honest, whoever writes.';
CREATE TRIGGER orders_touch BEFORE UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.touch_updated_at();
CREATE TRIGGER products_touch BEFORE UPDATE ON catalog.products FOR EACH ROW EXECUTE FUNCTION sales.touch_updated_at();

-- The extension needs a superuser and is not in every build. Without it the company just has no archive.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw')
        OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    CREATE EXTENSION postgres_fdw WITH SCHEMA public;
    CREATE SERVER order_archive FOREIGN DATA WRAPPER postgres_fdw
        OPTIONS (host 'archive.harbour-goods.example', dbname 'archive');
    CREATE FOREIGN TABLE legacy.archived_orders (
        order_id bigint NOT NULL,
        order_number text NOT NULL,
        customer_id bigint,
        placed_at timestamptz NOT NULL,
        total_minor bigint OPTIONS (column_name 'total_cents'),
        currency char(3) NOT NULL
    ) SERVER order_archive OPTIONS (schema_name 'archive', table_name 'orders');
    COMMENT ON FOREIGN TABLE legacy.archived_orders IS 'Orders from 2019 to 2025, read from the archive server.';
    COMMENT ON COLUMN legacy.archived_orders.order_number IS 'As printed then. Numbers may repeat across years.';
END
$$;

-- A small sample is enough for estimates and keeps the start of the demo short. System tables are not ours to analyse.
SET LOCAL default_statistics_target = 20;
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT c.oid FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
            AND n.nspname IN ('people', 'finance', 'catalog', 'warehouse', 'sales', 'logistics', 'marketing', 'analytics', 'legacy')
    LOOP
        EXECUTE format('ANALYZE %s', relation);
    END LOOP;
END
$$;
