import AsyncHTTPClient
import Configuration
import GRDB
import GRDBSQLite
import Yams
import ServiceLifecycle
package func probe() -> Int { PackageResources.probe_sql.count }
