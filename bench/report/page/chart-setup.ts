import {
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js'
import {
  BarWithErrorBar,
  BarWithErrorBarsController,
  PointWithErrorBar,
  ScatterWithErrorBarsController,
} from 'chartjs-chart-error-bars'

/** Registers only what the charts use: the rest of chart.js stays out of the bundle. */
export function registerCharts(): void {
  Chart.register(
    BarElement,
    BarWithErrorBar,
    BarWithErrorBarsController,
    CategoryScale,
    Filler,
    LinearScale,
    LineController,
    LineElement,
    LogarithmicScale,
    PointElement,
    PointWithErrorBar,
    ScatterController,
    ScatterWithErrorBarsController,
    Tooltip,
  )
}
